import json
import subprocess
import sys
import time

import pytest
from conftest import PEAK_MEGABYTES
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer.errors import InputTooLargeError, SummarizerError, UnreadableInputError
from summarizer.extraction import extract_page, looks_like_html

HEADLINE = "Harbour bridge stays closed until May"
STANDFIRST = (
    "Engineers found cracks in two of the nine piers, and nobody can say yet who is going to pay for the repair."
)
PARAGRAPHS = [
    "The harbour bridge of Ellmouth will not open again before May, the city engineer told the council on Tuesday "
    "evening, after divers had found cracks in two of its nine piers.",
    "“We could let pedestrians cross tomorrow and regret it on Friday,” Mara Tilling said. Lorries have been sent "
    "round by the inland road since the first crack was seen in January, which adds forty minutes to the trip.",
    "The repair is expected to cost 4.2 million pounds. The council wants the port company to pay a third of that; the "
    "company says it has paid tolls for exactly this purpose for eleven years.",
    "A ferry is to run every twenty minutes from next week on. It carries ninety people and no cars, and it stays in "
    "the harbour when the wind is stronger than force seven.",
]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>{headline} | Ellmouth Courier</title>
<meta property="og:title" content="{headline}"><meta property="og:site_name" content="Ellmouth Courier">
<meta name="author" content="Jonas Reed"><meta name="description" content="{standfirst}">
<meta property="article:published_time" content="2024-03-12T18:05:00+00:00">
</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li><li><a href="/x">More</a></li></ul></nav>
<main><article><h1>{headline}</h1>{body}</article></main>
<aside><h2>Most read</h2><ul><li><a href="/a">Seal found in swimming pool</a></li><li>Chess</li></ul></aside>
<footer><p>Ellmouth Courier Ltd. All rights reserved.</p></footer></body></html>"""


def make_page(body=BODY, **parts):
    return PAGE.format(**{"headline": HEADLINE, "standfirst": STANDFIRST, "body": body, **parts})


def lines(page):
    return page.text.split("\n")


def test_the_article_is_found_one_paragraph_a_line():
    assert lines(extract_page(make_page())) == PARAGRAPHS


def test_the_page_says_who_wrote_what_when_and_where():
    page = extract_page(make_page(), "https://courier.example/2024/bridge")
    assert (page.title, page.author, page.date) == (HEADLINE, "Jonas Reed", "2024-03-12")
    assert (page.site, page.language) == ("Ellmouth Courier", "en-GB")


def test_what_the_page_does_not_say_is_not_guessed():
    page = extract_page(f"<html><body><p>On 3 May 2019 all was well.</p>{BODY}</body></html>")
    assert (page.author, page.date, page.site, page.language) == (None, None, None, None)


@pytest.mark.parametrize(
    ("author", "expected"),
    [("Ellmouth Courier", None), ("Jonas Reed Published 3:05", None), ("Ana Lund; Ellmouth Courier", "Ana Lund")],
)
def test_authors_that_are_none_are_left_out(author, expected):
    assert extract_page(make_page().replace("Jonas Reed", author)).author == expected


def test_headings_and_lists_are_lines():
    body = BODY + "<h2>What happens next</h2><ul><li>March: the divers go down again</li><li>May: opening</li></ul>"
    assert lines(extract_page(make_page(body)))[len(PARAGRAPHS) :] == [
        "What happens next",
        "- March: the divers go down again",
        "- May: opening",
    ]


def test_the_headline_is_not_part_of_the_text_but_may_be_quoted_later():
    body = BODY + f"<p>{HEADLINE}, says the sign at the ramp, and underneath somebody has written: of which year?</p>"
    page = extract_page(make_page(body))
    assert page.text.startswith(PARAGRAPHS[0])
    assert page.text.count(HEADLINE) == 1


def test_a_standfirst_outside_the_article_comes_first():
    page = make_page().replace("<main>", f'<header><div class="dek"><span>{STANDFIRST}</span></div></header><main>')
    assert lines(extract_page(page)) == [STANDFIRST, *PARAGRAPHS]


def test_a_description_that_no_reader_sees_is_not_text():
    assert STANDFIRST not in extract_page(make_page()).text


def test_an_article_in_several_containers_is_put_together():
    parts = [f'<div class="grid"><div class="article-body"><p>{text}</p></div></div>' for text in PARAGRAPHS]
    body = '<div class="grid"><div class="ad"><p>Advertisement</p></div></div>'.join(parts)
    assert lines(extract_page(make_page(body))) == PARAGRAPHS


def test_boxes_below_the_article_are_left_out():
    box = '<div class="bottom"><p>Sign up to get every story about the harbour each morning, for free.</p></div>'
    assert "Sign up" not in extract_page(make_page(BODY + box)).text


def test_readers_comments_are_left_out():
    comments = (
        '<section id="comments" class="comments"><div class="comment"><p>First! I never liked it.</p></div></section>'
    )
    assert "First!" not in extract_page(make_page(BODY + comments)).text


def embedded(body):
    return f'<script type="application/ld+json">{json.dumps({"@graph": [{"articleBody": body}]})}</script>'


def test_an_embedded_article_helps_where_the_page_shows_it():
    asides = "".join(f"<aside><p>{text}</p></aside>" for text in PARAGRAPHS)
    article = f"<article><p>Ellmouth, Tuesday.</p>{asides}</article>"
    page = f"<html><body>{embedded(' '.join(PARAGRAPHS))}{article}</body></html>"
    assert lines(extract_page(page)) == PARAGRAPHS


def test_an_embedded_article_is_all_there_is_where_scripts_fill_the_page():
    notice = "<noscript>Please switch on JavaScript.</noscript><div id=root>Loading</div>"
    page = f"<html><body>{embedded(chr(10).join(PARAGRAPHS))}{notice}</body></html>"
    assert lines(extract_page(page)) == PARAGRAPHS


def test_an_embedded_article_that_the_page_does_not_show_is_not_believed():
    hidden = "Buy our pills, they are the best pills that were ever made by anybody anywhere. " * 40
    assert "pills" not in extract_page(make_page(embedded(hidden) + BODY)).text


@pytest.mark.parametrize("script", ["{", "[" * 100_000, '{"articleBody": 7}', '{"articleBody": null}', "[1, 2]"])
def test_damaged_embedded_data_does_no_harm(script):
    page = make_page(f'<script type="application/ld+json">{script}"articleBody"</script>{BODY}')
    assert lines(extract_page(page)) == PARAGRAPHS


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r"])
def test_bytes_are_decoded_by_what_the_page_declares(encoding):
    text = "Мост через гавань останется закрытым до мая, сообщила городу главный инженер во вторник вечером. " * 3
    page = f'<html><head><meta charset="{encoding}"></head><body><article><p>{text}</p></article></body></html>'
    assert extract_page(page.encode(encoding)).text == text.strip()


def test_a_declaration_inside_text_that_is_already_decoded_is_ignored():
    page = '<?xml version="1.0" encoding="iso-8859-1"?>' + make_page().replace('charset="utf-8"', 'charset="koi8-r"')
    assert lines(extract_page(page)) == PARAGRAPHS


@pytest.mark.parametrize("html", ["", " ", "<!-- nothing -->", "<html></html>", "<script>let a = 1</script>", "\0"])
def test_a_page_without_text_has_an_empty_one(html):
    assert extract_page(html).text == ""


def test_pieces_of_a_page_are_read():
    assert extract_page("<p>Eins ist da.</p><p>Zwei auch.</p>").text == "Eins ist da.\nZwei auch."


def test_where_no_article_is_found_there_is_all_that_can_be_seen():
    page = "<body><div hidden>secret</div><div>Sorry,<br>come <b>back</b> later</div><style>p {}</style></body>"
    assert extract_page(page).text == "Sorry,\ncome back later"


def test_a_page_full_of_unclosed_inline_elements_is_read_whole():
    body = "".join(f"<font size=2><b><p>{index}. {text}</p>" for index in range(100) for text in PARAGRAPHS)
    assert "99. " + PARAGRAPHS[3] in extract_page(f"<html><body>{body}</body></html>").text


@pytest.mark.parametrize("tag", ["div", "ul><li", "blockquote", "table><tr><td"])
def test_deep_nesting_is_refused(tag):
    with pytest.raises(UnreadableInputError, match="nested too deep"):
        extract_page(f"<{tag}>" * 10_000 + BODY)


BOMBS = {
    "100,000 deep": "'<div>' * 100_000 + text + '</div>' * 100_000",
    "99,000 deep": "'<div>' * 99_000 + text",
    "10 MB class": "'<p class=\"' + 'a ' * 4_900_000 + '\">' + text",
    "10 MB attribute": "'<p title=\"' + 'a ' * 4_900_000 + '\">' + text",
    "a million tags": "'<p>a</p>' * 500_000 + text",
    "190,000 line breaks": "'<br>' * 190_000 + text",
    "14,000 paragraphs": "'<p>a</p>' * 14_000 + text",
    "30,000 table rows": "'<table>' + '<tr><td>a<td>b' * 30_000",
    "6 MB of script": "'<script type=application/ld+json>{\"articleBody\":\"' + 'a ' * 3_000_000 + '\"}</script>'",
    "9 MB of <": "'<' * 9_000_000",
    "9 MB of text": "'word ' * 1_800_000",
    "11 MB": "'word ' * 2_200_000",
}
MEASURE = f"""
import time
{PEAK_MEGABYTES}from summarizer.errors import InputTooLargeError, UnreadableInputError
from summarizer.extraction import extract_page
text = "<p>" + "Some words that make a paragraph. " * 20 + "</p>"
started = time.process_time()
try:
    extract_page(@BOMB@)
except (InputTooLargeError, UnreadableInputError):
    pass
print(time.process_time() - started, peak_megabytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_pages_made_to_break_parsers_cost_little(bomb):
    code = MEASURE.replace("@BOMB@", bomb)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    seconds, megabytes = map(float, run.stdout.split())
    assert seconds < 5
    assert megabytes < 500


def test_too_much_text_is_refused():
    with pytest.raises(InputTooLargeError, match="1,000,000 characters"):
        extract_page(f"<html><body><p>{'word ' * 250_000}</p></body></html>")


MARKUP = st.sampled_from(
    ["<p>", "</p>", "<div class=x>", "</div>", "<a href='", "<!--", "-->", "<h1>", "</", "&#x0;", "&"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MARKUP | st.text(max_size=20), max_size=20).map("".join))
def test_any_markup_is_read_or_refused(html):
    try:
        assert isinstance(extract_page(html).text, str)
    except SummarizerError as error:
        assert str(error)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>x</title>",
        "\n <!-- saved page --><!-- twice --><HTML>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">',
        "<p>One paragraph.</p>",
        "<p>One<p>Two",
        "One line<br>Another line<br/>A third<br />",
        'Said <b>Tilling</b>: <i>no</i>, <a href="/x">again</a>.',
        "  <article class='a b'>Text</article>",
    ],
)
def test_html_is_recognized(text):
    assert looks_like_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain words.",
        "I <3 you, and a < b but c > d; also x<y>z",
        "In HTML a paragraph begins with <p>, and many authors never close it.",
        "<p> is how a paragraph begins.",
        "<Reuters> Ellmouth, 3 May",
        "Write to <jonas@courier.example> or see <https://courier.example>.",
        "std::vector<int> a; List<String> b; Map<a, b> c; Map<a, b> d",
        "5 < 6 <br 7",
    ],
)
def test_text_is_not_taken_for_html(text):
    assert not looks_like_html(text)


@pytest.mark.parametrize(
    "text", ["<" * 1_000_000, "<a " * 500_000, "<!--" * 300_000, "<!---->" * 100_000, "<p" + " x" * 900_000]
)
def test_telling_html_takes_no_time(text):
    started = time.process_time()
    looks_like_html(text)
    assert time.process_time() - started < 1
