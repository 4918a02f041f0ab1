import pytest
from lxml.html import tostring

from summarizer.page_tree import find_language, join_containers, parse_page, visible_text

LONG = "A paragraph that is long enough to be one of an article rather than a caption or the label of a button. "


def bodies(tree):
    return [len(element) for element in tree.iter("div") if element.get("class") == "body"]


def parts(count, wrap="<div>{}</div>"):
    return "".join(wrap.format(f'<div class="body"><p>{index} {LONG}</p></div>') for index in range(count))


def test_parts_of_one_article_are_joined_in_order():
    tree = parse_page(f"<main><article>{parts(3)}</article></main>")
    join_containers(tree)
    assert bodies(tree) == [3, 0, 0]
    assert [line[0] for line in visible_text(tree).split("\n")] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "html",
    [
        f"<main>{parts(3, '<article>{}</article>')}</main>",
        f"<section>{parts(3)}</section>",
        f"<article>{parts(60)}</article>",
        f"<article>{parts(3).replace('body', 'comment')}</article>",
        f"<article><div class='body'><p>{LONG}</p><div class='body'><p>{LONG}</p></div></div></article>",
        f"<article><p>{LONG}</p><p>{LONG}</p></article>",
        "<article></article>",
    ],
    ids=["a list of articles", "no article", "far too many", "comments", "one in the other", "no classes", "nothing"],
)
def test_other_containers_stay_apart(html):
    tree = parse_page(html)
    before = tostring(tree)
    join_containers(tree)
    assert tostring(tree) == before


def test_visible_text_leaves_the_tree_as_it_was():
    tree = parse_page(
        "<title>T</title><p>One <b>two</b><br>three</p><script>four</script><p style='display: none'>five</p>"
    )
    before = tostring(tree)
    assert visible_text(tree) == "One two\nthree"
    assert tostring(tree) == before


@pytest.mark.parametrize(
    ("head", "language"),
    [
        ('<html lang="pt-BR">', "pt-BR"),
        ('<html xml:lang="sr_Latn">', "sr-Latn"),
        ('<html><meta property="og:locale" content="de_DE">', "de-DE"),
        ('<html lang=""><meta http-equiv="content-language" content="fa">', "fa"),
        ('<html lang="{{ language }}">', None),
        ("<html>", None),
    ],
)
def test_the_declared_language_is_found(head, language):
    assert find_language(parse_page(head + "<p>x</p>")) == language
