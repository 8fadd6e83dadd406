"""The interactive page, by Gradio."""

import asyncio
import functools
import json
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional

import gradio
from markupsafe import Markup
from starlette.middleware import Middleware

from facade_allennlp.attribution.lock import stopped_when
from facade_allennlp.demo.comparison import EXTRAS, TREE, Comparison
from facade_allennlp.demo.examples import written_examples
from facade_allennlp.demo.guard import Guard
from facade_allennlp.display.templates import inline, template
from facade_allennlp.errors import describe, is_users
from facade_allennlp.results.titles import METHODS
from facade_allennlp.web.limits import MAX_TEXT_LENGTH

ROOM = "facade_allennlp.demo"
PREDICTED = "predicted"
MAX_WAITING = 16
"""Questions in the queue, of which `AT_ONCE` are answered in turns, pass by pass."""
AT_ONCE = 4
QUEUED: dict[str, Any] = {
    "concurrency_id": "models",
    "concurrency_limit": AT_ONCE,
    "api_visibility": "private",
}
STOPPED = '<p class="soft" role="status">Stopped.</p>'

REMEMBER = """(...values) => {
  const asked = %s.map((name, place) => [name, String(values[place])]);
  const state = new URLSearchParams(location.search);
  asked.forEach(([name, value]) => state.set(name, value));
  // A longer address is refused by some servers and browsers.
  if (String(state).length > 8000) asked.forEach(([name]) => state.delete(name));
  history.replaceState(null, "", "?" + state);
}"""
"""Puts what was asked into the address, unless the texts are too long for one."""


class Demo:
    """
    The page of a comparison.

    # Parameters

    comparison : `Comparison`
    methods : `Sequence[str]`
        Those that are chosen at first.
    examples : `Sequence[Sequence[str]]`, optional (default = those that come with the package)
        Each with a text for each of the comparison's fields.
    """

    def __init__(
        self,
        comparison: Comparison,
        methods: Sequence[str],
        examples: Optional[Sequence[Sequence[str]]] = None,
    ) -> None:
        self.comparison = comparison
        self.methods = list(methods)
        self.examples = examples or written_examples(comparison.fields)
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self.titles = {name: METHODS.get(name, name) for name in comparison.methods} | EXTRAS

    def blocks(self) -> gradio.Blocks:
        """The page; `launch` it with `settings`."""
        fields = self.comparison.fields
        names = list(self.comparison.predictors)
        with gradio.Blocks(title=f"Compare {', '.join(names)}", analytics_enabled=False) as page:
            gradio.Markdown(
                "# The same text, explained by several models\n"
                "Type a text, choose methods, and see what each model predicts and which words its "
                "explanation points to. Two models can predict the same and be explained by "
                "different words: a facade makes them.",
                elem_id="lead",
            )
            texts = [
                gradio.Textbox(
                    label=name.capitalize(),
                    lines=5 if name == "context" else 2,
                    max_length=MAX_TEXT_LENGTH,
                    elem_id=name,
                )
                for name in fields
            ]
            gradio.Examples([list(example) for example in self.examples], texts, label="Examples")
            methods = gradio.CheckboxGroup(
                [(self.titles[name], name) for name in self.comparison.methods],
                value=self.methods,
                label="Methods",
                elem_id="methods",
            )
            with gradio.Row():
                explained_class = gradio.Dropdown(
                    [("each model's prediction", PREDICTED), *self.comparison.classes],
                    value=PREDICTED,
                    label="Explained class",
                    elem_id="class",
                )
                extras = gradio.CheckboxGroup(
                    [(title, name) for name, title in EXTRAS.items()],
                    label="Beside explanations",
                    elem_id="extras",
                )
            with gradio.Row():
                button = gradio.Button("Explain", variant="primary", elem_id="explain", scale=4)
                stop = gradio.Button("Stop", elem_id="stop", scale=1)
            answers = gradio.HTML(elem_id="answers")
            asked = [*texts, methods, explained_class, extras]
            remember = REMEMBER % json.dumps([*fields, "methods", "class", "extras"])
            begun = [page.load(self.recalling, None, [*asked, answers], **QUEUED)]
            for begin in (button.click, *(text.submit for text in texts)):
                begun.append(begin(self.answering, asked, answers, **QUEUED))
                begun[-1].then(None, asked, None, js=remember, api_visibility="private")
            shown = f"() => {json.dumps(STOPPED)}"
            stop.click(None, None, answers, js=shown, cancels=begun, api_visibility="private")
        # What is no question, as the texts of an example, may be asked beside the queue.
        page.preprocess_data = _only_of_the_page(page.preprocess_data)  # type: ignore[method-assign]
        return page.queue(max_size=MAX_WAITING, api_open=False)

    async def answering(self, *asked: Any) -> str:
        """`answer`, in a thread."""
        return await self._in_thread(self.answer, *asked, stopped=STOPPED)

    async def recalling(self, request: gradio.Request) -> list[Any]:
        """`recall`, in a thread."""
        stopped = [*self.asked_by(request.query_params), STOPPED]
        return await self._in_thread(self.recall, request, stopped=stopped)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any, stopped: Any) -> Any:
        """
        Where nobody waits for it any more, work ends at the next pass of a model.

        Who has pressed Stop gets `stopped`: a question without any answer is an error to the page.
        """
        left = threading.Event()

        def work_for_somebody() -> Any:
            with stopped_when(left.is_set):
                return work(*arguments)

        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work_for_somebody)
        except asyncio.CancelledError:
            return stopped
        finally:
            left.set()

    def answer(self, *asked: Any) -> str:
        """HTML that shows the answers, or says in a sentence why there are none."""
        *texts, methods, explained_class, extras = asked
        try:
            answers = self.comparison.answers(
                dict(zip(self.comparison.fields, texts)),
                methods,
                None if explained_class == PREDICTED else explained_class,
                extras,
            )
        except Exception as error:
            if not is_users(error):
                raise
            return Markup('<p class="bad" role="alert">{}</p>').format(describe(error))
        return template(ROOM, "answers.html.jinja").render(
            answers=answers, methods=methods, extras=extras, titles=self.titles, tree=TREE
        )

    def recall(self, request: gradio.Request) -> list[Any]:
        """What an address asks for, and the answers to it."""
        asked = self.asked_by(request.query_params)
        texts = asked[: len(self.comparison.fields)]
        # What a person has begun to type while the page was loading stays.
        return [*asked, self.answer(*asked)] if any(texts) else [gradio.skip()] * (len(asked) + 1)

    def asked_by(self, address: Mapping[str, str]) -> list[Any]:
        """
        The values of the form's fields by the parameters of an address. What is not known here is
        left out, as the address may be of a page with other models.
        """
        texts = [address.get(name, "")[:MAX_TEXT_LENGTH] for name in self.comparison.fields]
        methods = self.methods
        if "methods" in address:
            methods = _known(address["methods"], self.comparison.methods)
        wanted = address.get("class", PREDICTED)
        if wanted not in self.comparison.classes:
            wanted = PREDICTED
        return [*texts, methods, wanted, _known(address.get("extras", ""), EXTRAS)]


def _only_of_the_page(
    preprocess: Callable[..., Awaitable[list[Any]]],
) -> Callable[..., Awaitable[list[Any]]]:
    """
    Gradio's reading of what comes from the page. What no page sends is refused, and no traceback
    of it is printed, as anybody could fill the terminal with them.
    """

    @functools.wraps(preprocess)
    async def preprocessed(*arguments: Any, **settings: Any) -> list[Any]:
        try:
            return await preprocess(*arguments, **settings)
        except Exception:
            told = "this is nothing that the page of this demo asks"
            raise gradio.Error(told, print_exception=False) from None

    return preprocessed


def settings(hosts: Optional[Collection[str]] = None) -> dict[str, Any]:
    """
    For `launch`: the looks of the page, without anything that is loaded from elsewhere, and its
    `Guard`. Nothing can be uploaded.
    """
    css = inline("facade_allennlp.display", "words.css") + inline(ROOM, "demo.css")
    sans = ("system-ui", "sans-serif")
    theme = gradio.themes.Default(font=sans, font_mono=("ui-monospace", "monospace"))
    # White on the lighter one cannot be read well enough.
    button = {
        f"button_primary_background_fill{which}": "*primary_700"
        for which in ("", "_dark", "_hover", "_hover_dark")
    }
    return {
        "css": str(css),
        "theme": theme.set(**button),
        "footer_links": [],
        "max_file_size": 1,
        "run_history": False,
        "show_error": False,
        "app_kwargs": {"middleware": [Middleware(Guard, hosts=hosts)]},
    }


def _known(listed: str, names: Sequence[str] | Mapping[str, str]) -> list[str]:
    return [name for name in listed.split(",") if name in names]
