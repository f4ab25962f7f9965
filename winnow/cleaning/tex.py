r"""TeX whose backslashes were read as escapes: "\frac" in a JSON or Python string is a form feed and "rac".

What was lost is known where letter and rest make a command of TeX, so it is put back whole. A bell, a backspace, a
vertical tab or a form feed is no text by itself, so any command of the table will do. A tab and a line break are text:
there the rest must be no word ("imes", "heta"), or stand in a formula.
"""

import re

_LETTERS = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}

# Commands of LaTeX, AMS-LaTeX and its symbols that begin with the letter of an escape.
_LISTED = """acute addcontentsline addtocounter adots aleph align alpha amalg angle approx approxeq arccos arcsin
    arctan arg argmax argmin array arraycolsep arraystretch ast asymp author autoref backepsilon
    backprime backslash bar barwedge because begin begingroup beta beth between bf bfseries bibitem
    bibliography big bigcap bigcirc bigcup bigg biggl biggm biggr bigl bigm bigodot bigoplus bigotimes
    bigr bigsqcup bigstar bigtriangledown bigtriangleup biguplus bigvee bigwedge binom blacklozenge
    blacksquare blacktriangle bm bmatrix bmod boldmath boldsymbol bot bowtie box boxdot boxed boxminus
    boxplus boxtimes brace brack breve bullet bumpeq fallingdotseq fbox fill flat floor fontsize
    footnote footnotesize footskip forall frac frak frame framebox frown nabla natural ncong ne nearrow
    neg neq newcommand newenvironment newline newpage newtheorem nexists ngeq ngtr ni nleftarrow nleq
    nless nmid nocite noindent nolimits nonumber normalfont normalsize not notag notin nparallel nprec
    nrightarrow nsim nsubseteq nsucc nsupseteq nu nwarrow nLeftarrow nRightarrow raise raisebox rangle
    rbrace rbrack rceil ref refstepcounter renewcommand rfloor rgroup rhd rho right rightarrow
    rightarrowtail rightharpoondown rightharpoonup rightleftarrows rightleftharpoons rightrightarrows
    rightsquigarrow risingdotseq rm rmoustache rotatebox rtimes rule rvert rVert tableofcontents tag tan
    tanh tau tbinom textasciitilde textbackslash textbf textcolor textgreater textit textless textmd
    textnormal textrm textsc textsf textsl textstyle textsubscript textsuperscript texttt textup text
    textwidth tfrac therefore theta thickapprox thicksim thinspace tilde times tiny title to top
    triangle triangledown triangleleft trianglelefteq triangleq triangleright trianglerighteq twocolumn
    twoheadrightarrow varDelta varGamma varLambda varOmega varPhi varPi varPsi varSigma varTheta
    varUpsilon varXi varepsilon varinjlim varkappa varliminf varlimsup varnothing varphi varpi
    varprojlim varpropto varrho varsigma varsubsetneq varsubsetneqq varsupsetneq vartheta vartriangle
    vartriangleleft vartriangleright vdash vDash vdots vec vee veebar vert Vert verb verbatim vfill
    vphantom vskip vspace"""
_COMMANDS = frozenset(_LISTED.split())
AFTER_LINE_BREAK = "|".join(sorted(command[1:] for command in _COMMANDS if command.startswith("n")))
"""What stands behind a line break that was the first letter of a command, as a pattern."""

# What is left of a command and may be a word, or a cell of a table, by itself.
_REMAINS = """able ag an au ext iny itle o op he ill ix lat loor rame own box ootnote bag brace angle ceil ef
    floor group ho m ule aise times hd vert brack otatebox e eg eq i ot otag u mid prec sim succ
    parallel less geq leq cong exists ewline ewpage atural earrow ec ee ert erb erbatim fill phantom
    skip space dash dots"""
_WORDS = frozenset(_REMAINS.split())
# A letter behind the command makes it another one. The text of a formula that holds the lost letters begins with them.
_LOST = re.compile("([\a\b\t\n\v\f\r])([A-Za-z]+)")
_NO_TEXT = frozenset("\a\b")
_FORMULA = re.compile(
    r"\$\$[^$]{1,2000}\$\$|(?<![\\$\w])\$[^$]{1,400}\$(?![\d$])|\\\([^$]{1,400}?\\\)|\\\[.{1,2000}?\\\]", re.DOTALL
)
_SIGNS_OF_TEX = re.compile(r"\\[a-zA-Z]{2,}|\\[(\[]|\$[^$\n]{1,80}\$")


def restored(text: str) -> str:
    r"""Return ``text`` with the commands put back that its control characters were part of.

    >>> print(restored("\\(\frac{1}{2}\\), $5 \times \theta$, $\\left( x \right)$"))
    \(\frac{1}{2}\), $5 \times \theta$, $\left( x \right)$
    >>> restored("page one\fpage two, a\to, name\text") == "page one\fpage two, a\to, name\text"
    True
    """
    if not _LOST.search(text):
        return text
    formulas = [match.span() for match in _FORMULA.finditer(text)] if "$" in text or "\\" in text else []
    at = 0

    def put_back(match: "re.Match[str]") -> str:
        nonlocal at
        sign, rest = match.groups()
        command = _LETTERS[sign] + rest
        if command not in _COMMANDS:
            return match.group()
        while at < len(formulas) and formulas[at][1] <= match.start():
            at += 1
        inside = at < len(formulas) and formulas[at][0] < match.start()
        sure = sign in _NO_TEXT or rest not in _WORDS or (sign != "\n" and text.startswith("{", match.end()))
        return f"\\{command}" if sure or inside else match.group()

    return _LOST.sub(put_back, text)


def has_tex(text: str) -> bool:
    r"""Tell whether a text has commands or formulas of TeX.

    >>> has_tex("$x$ and \binfoo{y}"), has_tex("page one\fpage two")
    (True, False)
    """
    return _SIGNS_OF_TEX.search(text) is not None
