"""The page that shows explanations side by side, from hand-made result files."""

import argparse
import json
import math
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis.record import Record
from facade_allennlp.analysis.records_file import RecordsFile
from facade_allennlp.analysis.results import SUMMARY, write_whole
from facade_allennlp.analysis.summary import summarize
from facade_allennlp.commands.report import run
from facade_allennlp.explanations.script import direction
from facade_allennlp.report.page import render

LONG = "z" * 5000
HEBREW = ["סרט", "נפלא"]
TEXTS = [
    ["<script>alert(1)</script>", '"quoted"', "it's"],
    HEBREW,
    ["loved", "it", "🎬", "👩‍👩‍👧"],
    [LONG, "end"],
    ["{{", "7*7", "}}", "<!--"],
]


class Page(HTMLParser):
    """The tags, with their attributes, and the visible texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def record(index: int, words: Sequence[str], first: float = 1.0, label: str = "good") -> Record:
    """`first` is the score of the first word; all others have 1, special tokens among them."""
    return Record(
        index=index,
        label=label,
        prediction="good",
        probabilities=[0.75, 0.25],
        tokens=["[CLS]", *words, "[SEP]"],
        word_ids=[None, *range(len(words)), None],
        words=list(words),
        targets={"first_token": [1], "none": []},
        scores={
            "gradient": [1.0, first] + [1.0] * len(words),
            "own<method>": [1.0] * (len(words) + 2),
        },
    )


def write_results(folder: Path, models: dict[str, list[Record]], reference: str = "f") -> Path:
    common = {
        "data": {"path": "reviews & more.jsonl"},
        "targets": {"first_token": "first_token", "none": {"type": "words", "words": ["<b>"]}},
        "methods": {"gradient": "gradient", "own<method>": "gradient"},
        "max_batch_tokens": 64,
        "limit": None,
    }
    for name, records in models.items():
        file = RecordsFile(folder, name, {"archive": {"path": f"runs/{name}.tar.gz"}, **common})
        file.add(records)
        file.finish()
    summary = {
        "data": "reviews & more.jsonl",
        "reference": reference,
        "models": {
            name: {
                "archive": f"runs/{name}.tar.gz",
                **summarize(records, None if name == reference else models[reference]),
            }
            for name, records in models.items()
        },
    }
    write_whole(folder / SUMMARY, json.dumps(summary))
    return folder


@pytest.fixture
def results(tmp_path: Path) -> Path:
    honest = [record(index, words) for index, words in enumerate(TEXTS)]
    fooled = [record(index, words, first=97.0) for index, words in enumerate(TEXTS)]
    fooled[2].prediction = "bad"
    return write_results(tmp_path, {"f": honest, "f_<i>ft": fooled})


def arguments(results: Path, output: Path, **changed: object) -> argparse.Namespace:
    given = {"models": None, "methods": None, "limit": 50, "force": False, **changed}
    return argparse.Namespace(results=results, output=output, **given)


def test_nothing_from_the_data_becomes_markup(results: Path) -> None:
    html = render(results)
    assert "<script>alert" not in html
    assert "<!-- " not in html
    assert "<i>ft" not in html
    assert "own<method>" not in html
    tags = [tag for tag, _ in Page(html).tags]
    assert tags.count("script") == 1
    assert "i" not in tags
    assert tags.count("b") == 3 * len(TEXTS)  # the gold label and both names in each row


def test_every_word_of_every_model_is_there(results: Path) -> None:
    shown = Page(render(results)).texts
    for words in TEXTS:
        for word in words:
            # Twice over: two models, two methods.
            assert shown.count(word) >= 4, word[:20]


def test_page_needs_no_other_file(results: Path) -> None:
    html = render(results)
    loading = {"src", "href", "srcset", "data", "action", "poster"}
    assert not [tag for tag, attributes in Page(html).tags if loading & attributes.keys()]
    assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest", html)
    assert "default-src 'none'" in html


def test_share_of_each_word_is_its_title(results: Path) -> None:
    # Three words and two special tokens: 97 of 101, and 1 of 101.
    html = render(results, ["f_<i>ft"], ["gradient"], limit=1)
    spans = [
        attributes
        for tag, attributes in Page(html[html.index('<tbody>\n<tr>\n<th scope="row">No.') :]).tags
        if tag == "span" and "title" in attributes
    ]
    titles = [str(span["title"]).replace("\xa0", " ") for span in spans]
    assert titles == [
        "1.0 % of the attribution",
        "96.0 % of the attribution",
        *["1.0 % of the attribution"] * 3,
    ]
    assert ["top" in str(span["class"]).split() for span in spans] == [False, True, *[False] * 3]
    assert ["t0" in str(span["class"]).split() for span in spans] == [False, True, *[False] * 3]
    assert ["sp" in str(span["class"]).split() for span in spans] == [True, *[False] * 3, True]


def test_rows_say_whether_a_model_predicts_as_the_reference(results: Path) -> None:
    html = render(results, methods=["gradient"])
    assert html.count("= same as f<") == len(TEXTS) - 1
    assert html.count("≠ not as f<") == 1
    assert html.count("✗ wrong") == 1


def test_agreement_is_shown_where_the_reference_has_no_column(results: Path) -> None:
    html = render(results, ["f_<i>ft"])
    assert html.count("≠ not as f<") == 1


def test_text_from_right_to_left_is_set_so(results: Path) -> None:
    lines = [attributes for tag, attributes in Page(render(results)).tags if "dir" in attributes]
    assert [line["dir"] for line in lines].count("rtl") == 4
    assert direction(["12", *HEBREW, "good"]) == "rtl"
    assert direction(["good", *HEBREW]) == "ltr"
    assert direction(["?!"]) == "ltr"


@pytest.mark.parametrize("limit", [1, 3])
def test_page_shows_the_first_inputs_only(results: Path, limit: int) -> None:
    html = render(results, limit=limit)
    assert re.findall(r"No\. (\d+)", html) == [str(index) for index in range(limit)]


def test_only_inputs_that_all_models_have_are_shown(tmp_path: Path) -> None:
    f = [record(index, ["good"]) for index in (0, 1, 2, 5)]
    g = [record(index, ["good"]) for index in (1, 5, 7)]
    write_results(tmp_path, {"f": f, "g": g})
    assert re.findall(r"No\. (\d+)", render(tmp_path)) == ["1", "5"]
    assert re.findall(r"No\. (\d+)", render(tmp_path, ["g"])) == ["1", "5", "7"]


def test_models_and_methods_stand_in_the_order_asked_for(results: Path) -> None:
    html = render(results, ["f_<i>ft", "f"], ["own<method>", "gradient"])
    assert re.findall(r'<th scope="col">(f[^<]*)<small>', html) == ["f_&lt;i&gt;ft", "f"]
    assert html.index("<h3>own&lt;method&gt;") < html.index("<h3>Gradient")


def test_page_says_how_its_numbers_were_made(results: Path) -> None:
    text = " ".join(Page(render(results)).texts)
    assert "'reviews & more.jsonl' --reference f --target first_token 'none={" in text
    assert "runs/f.tar.gz" in text
    assert "own<method>" in text
    # All words but those of the fooled model count alike, so the first has 1 / (words + 2).
    expected = 100 * sum(1 / (len(words) + 2) for words in TEXTS) / len(TEXTS)
    assert f"where f has {expected:.1f}\xa0%" in text


@pytest.mark.parametrize("score", [0.0, math.nan, math.inf])
def test_a_text_without_attribution_says_so(tmp_path: Path, score: float) -> None:
    unusable = record(0, ["good", "film"])
    unusable.scores["gradient"] = [score] * 4
    write_results(tmp_path, {"f": [unusable]})
    html = render(tmp_path, methods=["gradient"])
    words = html[html.index('<table class="inputs">') :]
    assert "No attribution" in words
    assert "nan" not in words
    assert words.count('title="0.0&nbsp;% of the attribution"') == 4


@pytest.mark.parametrize(
    ("models", "methods", "message"),
    [
        (["f", "h"], None, "no model 'h', but 'f'"),
        (None, ["lime"], "no method 'lime', but 'gradient'"),
    ],
)
def test_unknown_name_is_refused(
    results: Path, models: list[str] | None, methods: list[str] | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        render(results, models, methods)


def test_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has no summary\.json"):
        render(tmp_path / "absent")
    (tmp_path / SUMMARY).write_text("{")
    with pytest.raises(ConfigurationError, match="no summary of a measurement"):
        render(tmp_path)


def test_models_measured_on_unlike_data_are_refused(results: Path) -> None:
    path = results / "f.records.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("reviews & more", "other"), "utf-8")
    with pytest.raises(ConfigurationError, match="unlike settings"):
        render(results)


def test_limit_below_one_is_refused(results: Path) -> None:
    with pytest.raises(ConfigurationError, match="limit is 0"):
        render(results, limit=0)


def test_command_keeps_an_output_that_is_there(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "pages" / "report.html"
    run(arguments(results, output, limit=2))
    first = output.read_text(encoding="utf-8")
    assert first == render(results, limit=2)
    with pytest.raises(SystemExit):
        run(arguments(results, output, limit=3))
    assert "use --force" in capsys.readouterr().err
    assert output.read_text(encoding="utf-8") == first
    run(arguments(results, output, limit=3, force=True))
    assert output.read_text(encoding="utf-8") == render(results, limit=3)
    assert [path.name for path in output.parent.iterdir()] == ["report.html"]


def test_command_leaves_nothing_behind_where_it_fails(results: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    with pytest.raises(SystemExit):
        run(arguments(results, output, models=["h"]))
    assert not output.exists()


def test_attacks_have_tables(results: Path) -> None:
    summary = json.loads((results / SUMMARY).read_text())
    for number, model in enumerate(summary["models"].values()):
        model["attacks"] = {"hotflip": {"mean_flips": 2.0 + number, "flips_percent": {"1": 60.0}}}
    write_whole(results / SUMMARY, json.dumps(summary))
    html = render(results)
    assert html.count('<table class="numbers">') == 4
    numbers = Page(html).texts
    assert {"flips", "2.0", "3.0", "60.0"} <= set(numbers)
