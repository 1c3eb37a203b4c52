"""The diagram in docs/hotline.md is the code's own."""

from scripts.call_flow_diagram import PAGE, mermaid, page_with


def test_the_flow_in_the_papers_is_the_flow_of_the_code():
    assert page_with(mermaid()) == PAGE.read_text(encoding="utf-8"), "run python -m scripts.call_flow_diagram"
