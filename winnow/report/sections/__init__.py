"""One module and one template of the same name per section of the report; ``winnow.report.page`` orders them."""
