import shutil
import sys
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pypdf
import pytest
from conftest import EXAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import DecodedStreamObject, EncodedStreamObject, NameObject, NumberObject

from summarizer import Article
from summarizer.documents import MAX_PAGES, read_document
from summarizer.errors import EmptyInputError, InputTooLargeError, SummarizerError, UnreadableInputError
from summarizer.reading import read_stream

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TEXT = (EXAMPLES / "articles" / "en.txt").read_text(encoding="utf-8")


def save_word(document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def make_word(*paragraphs: str, title: str | None = None) -> bytes:
    document = docx.Document()
    if title is not None:
        document.add_heading(title, level=0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return save_word(document)


def save_pdf(writer: pypdf.PdfWriter) -> bytes:
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def printed() -> bytes:
    """The example article as a browser prints it: three pages, with a line at the head of each."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    headline, *paragraphs = [line for line in TEXT.split("\n") if line.strip()]
    body = f"<h1>{headline}</h1>{''.join(f'<p>{paragraph}</p>' for paragraph in paragraphs)}"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(f"<body style='font: 30px/1.5 serif'>{body}")
        head = "<span style='font-size: 9px'>The Ostrey Courier</span>"
        foot = "<span class=pageNumber style='font-size: 9px'></span>"
        pdf = page.pdf(display_header_footer=True, header_template=head, footer_template=foot)
        browser.close()
    return pdf


def test_the_article_of_a_printed_page_is_read_from_its_pdf(printed):
    article = Article.from_stream(BytesIO(printed), "story.pdf")

    expected = Article.from_text(TEXT)
    assert article.title == expected.title
    assert article.language == "en"
    shared = {sentence.text for sentence in article.sentences} & {sentence.text for sentence in expected.sentences}
    assert len(shared) >= 0.8 * len(expected.sentences)
    assert "The Ostrey Courier" not in article.text


def test_a_pdf_is_known_by_its_bytes_and_not_by_its_name(printed):
    assert read_stream(BytesIO(printed), "upload").text == read_stream(BytesIO(printed), "story.pdf").text
    assert read_document(TEXT.encode(), "story.pdf") is None


def test_a_pdf_with_a_password_says_so(printed):
    writer = pypdf.PdfWriter(clone_from=BytesIO(printed))
    writer.encrypt("secret", algorithm="RC4-128")

    with pytest.raises(UnreadableInputError, match="password"):
        read_document(save_pdf(writer), "story.pdf")


def test_a_pdf_that_only_forbids_copying_is_read(printed):
    writer = pypdf.PdfWriter(clone_from=BytesIO(printed))
    writer.encrypt("", "owner", algorithm="RC4-128")

    assert "Marlen" in read_document(save_pdf(writer), "story.pdf").text


def test_a_scanned_pdf_says_that_it_has_no_text():
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)

    with pytest.raises(UnreadableInputError, match="scanned"):
        read_document(save_pdf(writer), "scan.pdf")


def test_a_pdf_of_too_many_pages_is_refused():
    writer = pypdf.PdfWriter()
    for _ in range(MAX_PAGES + 1):
        writer.add_blank_page(9, 9)

    with pytest.raises(InputTooLargeError, match="501 pages"):
        read_document(save_pdf(writer), "book.pdf")


def test_a_pdf_that_unpacks_to_far_more_than_it_is_is_refused(monkeypatch):
    monkeypatch.setattr("summarizer.documents.MAX_UNPACKED", 2_000_000)
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(9, 9)
    stream = EncodedStreamObject()
    stream._data = zlib.compress(b"\0" * 3_000_000, 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    stream[NameObject("/Length")] = NumberObject(len(stream._data))
    page[NameObject("/Contents")] = writer._add_object(stream)
    data = save_pdf(writer)
    assert len(data) < 20_000

    with pytest.raises(InputTooLargeError, match="unpacked"):
        read_document(data, "bomb.pdf")


def test_what_is_attached_to_a_pdf_is_not_its_text(printed):
    writer = pypdf.PdfWriter(clone_from=BytesIO(printed))
    writer.add_attachment("run.js", b"app.alert('hit')")

    assert "alert" not in read_document(save_pdf(writer), "story.pdf").text


def test_the_article_of_a_word_file_is_read_with_its_title():
    headline, *paragraphs = [line for line in TEXT.split("\n") if line.strip()]

    article = Article.from_stream(BytesIO(make_word(*paragraphs, title=headline)), "story.docx")

    assert article.title == headline
    assert article.text == Article.from_text(TEXT).text


def test_the_rows_of_a_table_in_a_word_file_are_lines():
    document = docx.Document()
    document.add_paragraph("Before the table.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Goals", "3"
    document.add_paragraph("After the table.")

    assert read_document(save_word(document), "a.docx").text == "Before the table.\n\nGoals\t3\n\nAfter the table."


def test_an_empty_word_file_says_so():
    with pytest.raises(EmptyInputError, match=r"empty\.docx"):
        read_document(make_word(), "empty.docx")


def test_a_word_file_that_unpacks_to_far_more_than_it_is_is_refused(monkeypatch):
    monkeypatch.setattr("summarizer.documents.MAX_UNPACKED", 2_000_000)
    file = BytesIO(make_word("Text."))
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("word/media/image1.bmp", b"\0" * 3_000_000)

    with pytest.raises(InputTooLargeError, match="unpacked"):
        read_document(file.getvalue(), "bomb.docx")


def test_entities_of_a_word_file_are_not_resolved(tmp_path):
    (tmp_path / "secret.txt").write_text("the secret")
    source, target = BytesIO(make_word("Text.")), BytesIO()
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "word/document.xml":
                head, rest = data.split(b"?>", 1)
                entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'.encode()
                data = head + b"?>" + entity + rest.replace(b"Text.", b"Text. &x;")
            new.writestr(part, data)

    assert "the secret" not in read_document(target.getvalue(), "a.docx").text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7\nnonsense", "no PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word"),
        (b"PK\x03\x04nonsense", "damaged"),
    ],
)
def test_what_is_no_document_is_refused_with_advice(data, message):
    with pytest.raises(UnreadableInputError, match=message):
        read_document(data, "a file")


def test_an_archive_that_is_not_of_word_is_refused():
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("story.txt", "Text.")

    with pytest.raises(UnreadableInputError, match="not of Word"):
        read_document(file.getvalue(), "story.zip")


def test_without_the_packages_the_message_says_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.setitem(sys.modules, "pypdf", None)

    for data in (make_word_bytes, b"%PDF-1.7"):
        with pytest.raises(UnreadableInputError, match=r"news-summarizer\[files\]"):
            read_document(data, "a file")


make_word_bytes = make_word("Text.")


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=20), st.booleans())
@settings(deadline=None, max_examples=25)
def test_damaged_files_are_errors_of_ours(changes, is_word):
    if is_word:
        data = bytearray(make_word_bytes)
    else:
        writer = pypdf.PdfWriter()
        stream = DecodedStreamObject()
        stream.set_data(b"BT (Text.) Tj ET")
        writer.add_blank_page(9, 9)[NameObject("/Contents")] = writer._add_object(stream)
        data = bytearray(save_pdf(writer))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        read_document(bytes(data), "a file")
    except SummarizerError as error:
        assert "a file" in error.message
