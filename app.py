"""The web page, as hosts of Gradio apps expect it: ``python app.py``, or ``demo`` to import."""

from summarizer.web import build_page, launch

demo = build_page()

if __name__ == "__main__":
    launch(page=demo)
