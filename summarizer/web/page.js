// The frame of the page: what its address says (?tab=, ?lang=), the switch of languages, the keys.
const NewsSummarizer = (() => {
  const setAddress = (name, value) => {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    return address;
  };

  // Gradio states the language that its own texts are in, which may be another than that of the page.
  const root = document.documentElement;
  const language = root.dataset.language;
  const stateLanguage = () => {
    if (root.lang !== language) root.lang = language;
  };
  new MutationObserver(stateLanguage).observe(root, { attributeFilter: ["lang"] });
  stateLanguage();

  // The page is loaded anew in another language; what was pasted waits for it in this tab of the browser.
  const BOXES = "#ns-input textarea, #ns-compare-input textarea";
  const keyOf = (box) => `news-pasted-${box.closest("[id]:not(textarea)").id}`;
  const keepPasted = () => {
    for (const box of document.querySelectorAll(BOXES)) if (box.value) sessionStorage.setItem(keyOf(box), box.value);
  };
  const restorePasted = () => {
    for (const box of document.querySelectorAll(BOXES)) {
      const text = sessionStorage.getItem(keyOf(box));
      if (text === null) continue;
      sessionStorage.removeItem(keyOf(box));
      box.value = text;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.id !== "ns-language") return;
    try {
      keepPasted();
    } catch {
      // More than the browser keeps is not worth losing the switch for.
    }
    location.assign(setAddress("lang", event.target.value));
  });

  // Elements come whenever Gradio has made them.
  new MutationObserver(() => {
    const choice = document.querySelector("#ns-language:not([data-set])");
    if (choice) {
      choice.dataset.set = "";
      choice.value = language;
      document.title = document.querySelector("h1").textContent;
    }
    restorePasted();
    // A button whose name is not the text on it cannot be called by voice.
    document.querySelector(".upload-container[aria-label]")?.removeAttribute("aria-label");
  }).observe(root, { childList: true, subtree: true });

  document.addEventListener("keydown", (event) => {
    const box = event.key === "Enter" && (event.ctrlKey || event.metaKey) ? event.target.closest("#ns-input, #ns-compare-input") : null;
    if (!box) return;
    event.preventDefault();
    document.getElementById(box.id.replace("input", "start"))?.click();
  });

  return {
    // Indices of removed passages, for the event that restores them.
    restoring: "",
    jobInAddress: () => new URL(location.href).searchParams.get("job") ?? "",
    rememberJob: (id) => history.replaceState(history.state, "", setAddress("job", id)),
    // The id of the job that is to be deleted, if its owner is sure.
    confirmDeletion: (id) => (confirm(document.getElementById("ns-job").dataset.question) ? id : ""),
    rememberTab: (name) => history.replaceState(history.state, "", setAddress("tab", name === "summarize" ? "" : name)),
  };
})();
