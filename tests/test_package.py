"""What a user of the package sees: the public surface, start-up costs, and the wheel."""

import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT

import summarizer
from summarizer import errors

HEAVY = ("torch", "transformers", "gradio", "trafilatura", "py3langid", "numpy", "ftfy")


def loaded_after(code):
    """Return which heavy libraries a new process has loaded after running the code."""
    script = f"{code}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()


def test_the_public_surface_is_what_it_says():
    assert summarizer.__all__ == [
        "Article", "Summarizer", "SummarizerError", "Summary", "__version__", "list_models", "stream_summary",
    ]  # fmt: skip
    assert all(getattr(summarizer, name) is not None for name in summarizer.__all__)
    assert set(summarizer.__all__) <= set(dir(summarizer))
    with pytest.raises(AttributeError, match="no attribute 'summarise'"):
        _ = summarizer.summarise


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import summarizer") == []
    assert loaded_after("from summarizer import Article, Summarizer, list_models") in ([], ["numpy"])


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['summarizer', '--help']\nfrom summarizer.cli import main\n"
        "try: main()\nexcept SystemExit: pass"
    )

    assert not set(loaded_after(code)) & set(HEAVY)


def test_every_error_has_a_code_of_its_own_and_stands_in_the_tree():
    def descend(kind):
        return [kind, *(found for child in kind.__subclasses__() for found in descend(child))]

    kinds = descend(errors.SummarizerError)
    leaves = [kind for kind in kinds if not kind.__subclasses__()]
    codes = [kind.code for kind in leaves]

    assert len(set(codes)) == len(codes)
    assert all(f"{kind.__name__}" in errors.__doc__ and kind.code in errors.__doc__ for kind in leaves)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_all_the_data_it_needs(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    for path in (ROOT / "model_cards").glob("*.md"):
        assert f"summarizer/model_cards/{path.name}" in names
    for path in (ROOT / "summarizer").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "examples"))]


def test_the_wheel_works_away_from_the_source_tree(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "from pathlib import Path; import summarizer; from summarizer import Summarizer, list_models\n"
        "assert Path(summarizer.__file__).is_relative_to(Path.cwd()), summarizer.__file__\n"
        "text = 'The council voted on Tuesday to keep the ferry to Osk running through the winter. ' * 1 + "
        "'About 900 people use the ferry each day, most of them on their way to work or to school.'\n"
        "print([card.name for card in list_models()], Summarizer('extractive').summarize(text).text)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "'builtin'" in done.stdout
    assert "ferry" in done.stdout
