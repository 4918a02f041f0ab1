// A sentence of the summary and the passages it rests on carry the same number (data-ns) and light up together.
// Listeners sit on the document: the result is replaced with every step of a summary.
(() => {
  const LINKED = ".ns-result [data-ns]";
  const numbersOf = (element) => element.dataset.ns.split(" ");
  const behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

  function light(result, wanted) {
    for (const element of result.querySelectorAll("[data-ns]")) {
      element.classList.toggle("ns-lit", numbersOf(element).some((number) => wanted.includes(number)));
    }
  }

  // Without anything under the pointer, what is kept by a click is lit, else what has the focus.
  function settle(result) {
    const kept = result.querySelectorAll('.ns-sentence[aria-pressed="true"]');
    const focused = result.querySelectorAll(".ns-sentence:focus-visible");
    light(result, [...(kept.length ? kept : focused)].flatMap(numbersOf));
  }

  // Scrolls the article inside its own panel only: the page must not move under the pointer.
  function reveal(result) {
    const panel = result.querySelector(".ns-scroll");
    const passage = panel?.querySelector(".ns-evidence.ns-lit");
    if (!passage || panel.scrollHeight <= panel.clientHeight) return;
    const top = passage.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    panel.scrollTo({ top: panel.scrollTop + top - panel.clientHeight / 4, behavior: behavior() });
  }

  function show(element) {
    const result = element.closest(".ns-result");
    light(result, numbersOf(element));
    if (!element.classList.contains("ns-evidence")) reveal(result);
  }

  // On a narrow screen the article lies below the summary, and the page itself has to scroll.
  function isStacked(result) {
    return result.querySelector(".ns-summary").offsetTop !== result.querySelector(".ns-article").offsetTop;
  }

  function press(sentence) {
    const result = sentence.closest(".ns-result");
    const kept = sentence.getAttribute("aria-pressed") === "true";
    release(result);
    if (kept) return;
    sentence.setAttribute("aria-pressed", "true");
    show(sentence);
    if (isStacked(result)) result.querySelector(".ns-evidence.ns-lit")?.scrollIntoView({ block: "center", behavior: behavior() });
  }

  function release(result) {
    for (const other of result.querySelectorAll('[aria-pressed="true"]')) other.setAttribute("aria-pressed", "false");
    light(result, []);
  }

  const sentenceOf = (element, number) => element.closest(".ns-result").querySelector(`.ns-sentence[data-ns="${number}"]`);

  // Lights all sentences that rest on a passage, and goes to the first.
  function returnToSummary(passage) {
    const result = passage.closest(".ns-result");
    const sentence = sentenceOf(passage, numbersOf(passage)[0]);
    sentence.focus({ preventScroll: true });
    sentence.scrollIntoView({ block: isStacked(result) ? "center" : "nearest", behavior: behavior() });
    light(result, numbersOf(passage));
  }

  // When the result is replaced, the article stays where it was scrolled to, and a sentence keeps the focus.
  const kept = { article: "", top: 0, sentence: "" };
  const rememberPlace = ({ target }) => {
    if (target.classList?.contains("ns-scroll")) Object.assign(kept, { article: target.dataset.article, top: target.scrollTop });
  };
  document.addEventListener("scroll", rememberPlace, true);
  document.addEventListener("focusin", ({ target }) => (kept.sentence = target.matches(".ns-sentence") ? target.dataset.ns : ""));
  document.addEventListener("focusout", ({ target }) => target.isConnected && (kept.sentence = ""));
  new MutationObserver(() => {
    const panel = document.querySelector(".ns-scroll:not([data-kept])");
    if (!panel) return;
    panel.dataset.kept = "";
    if (panel.dataset.article === kept.article) panel.scrollTop = kept.top;
    const sentence = kept.sentence && document.querySelector(`.ns-sentence[data-ns="${kept.sentence}"]`);
    if (sentence && document.activeElement === document.body) sentence.focus({ preventScroll: true });
  }).observe(document.documentElement, { childList: true, subtree: true });

  const linked = (event) => (event.target instanceof Element ? event.target.closest(LINKED) : null);
  const leave = (event) => linked(event) && settle(linked(event).closest(".ns-result"));

  document.addEventListener("pointerover", (event) => linked(event) && show(linked(event)));
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusin", (event) => linked(event)?.matches(":focus-visible") && show(linked(event)));
  document.addEventListener("focusout", leave);

  document.addEventListener("click", (event) => {
    const restore = event.target instanceof Element ? event.target.closest("[data-restore]") : null;
    if (restore) {
      NewsSummarizer.restoring = restore.dataset.restore;
      document.getElementById("ns-restore").click();
    }
    const element = linked(event);
    // The end of a selection is a click too.
    if (!element || getSelection().toString()) return;
    const [number] = numbersOf(element);
    if (element.matches(".ns-sentence, .ns-translated")) press(sentenceOf(element, number));
    if (element.classList.contains("ns-evidence")) returnToSummary(element);
  });

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if ((key === "Enter" || key === " ") && target.matches(".ns-sentence, .ns-evidence")) {
      event.preventDefault();
      if (target.classList.contains("ns-sentence")) press(target);
      else returnToSummary(target);
    } else if (key === "Escape") {
      document.querySelectorAll(".ns-result").forEach(release);
    }
  });
})();
