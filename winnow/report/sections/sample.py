"""Some released rows in full."""

from winnow.report.inputs import Inputs
from winnow.report.section import Section


class Sample(Section):
    """Rows sampled by a hash from the whole release."""

    title = "Released rows"

    def __init__(self, inputs: Inputs) -> None:
        self.rows = [inputs.texts.full[row_id] for row_id in inputs.choice.sample]
