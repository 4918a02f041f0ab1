// The history: kept by this browser alone, and only once its owner has switched it on.
const NewsHistory = (() => {
  const ENTRIES = "news-summarizer.history";
  const SWITCH = "news-summarizer.history-on";
  const own = { reopening: "", keep, offer };

  const panel = () => document.getElementById("ns-history");

  // A browser can refuse to keep anything, and what it kept can be anything.
  function load(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }

  function store(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  const entries = () => [load(ENTRIES)].flat().filter((entry) => typeof entry?.content === "string");

  function replace(list) {
    const kept = list.slice(0, Number(panel().dataset.most));
    // There is room for some megabytes; the oldest ones make way.
    while (!store(ENTRIES, kept) && kept.length) kept.pop();
    draw();
  }

  // Asks for a summary that is done, if it is to be kept.
  function offer() {
    if (load(SWITCH) === true) NewsTake.ask("history");
  }

  function keep({ id, title, summary, content }) {
    const others = entries().filter((entry) => entry.id !== id || entry.summary !== summary);
    replace([{ id, title, summary, content, date: new Date().toISOString() }, ...others]);
  }

  function makeButton(text, title, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ns-tool";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${title}`);
    button.addEventListener("click", act);
    return button;
  }

  function makeText(tag, text, kind) {
    const element = document.createElement(tag);
    element.textContent = text;
    element.dir = "auto";
    element.className = kind;
    return element;
  }

  function makeRow(entry, index) {
    const { open, delete: remove } = panel().dataset;
    const row = document.createElement("li");
    const date = new Date(entry.date).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    row.append(
      makeText("strong", entry.title, "ns-history-title"),
      makeText("time", date, "ns-note"),
      makeText("p", entry.summary, "ns-history-summary"),
      makeButton(open, entry.title, () => reopen(entry.content)),
      makeButton(remove, entry.title, () => removeAt(index)),
    );
    return row;
  }

  function reopen(content) {
    own.reopening = content;
    document.getElementById("ns-reopen").click();
  }

  // The focus goes on to what has come in the place of the entry.
  function removeAt(index) {
    replace(entries().filter((_, place) => place !== index));
    const rows = panel().querySelectorAll("li");
    (rows[Math.min(index, rows.length - 1)]?.querySelector("button") ?? panel().querySelector("summary")).focus();
  }

  function draw() {
    const rows = entries().map(makeRow);
    panel().querySelector("ol").replaceChildren(...rows);
    panel().querySelector(".ns-history-empty").hidden = rows.length > 0;
    document.getElementById("ns-history-clear").hidden = rows.length === 0;
  }

  document.addEventListener("change", ({ target }) => {
    if (target.id === "ns-history-switch") store(SWITCH, target.checked);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.id !== "ns-history-clear") return;
    replace([]);
    panel().querySelector("summary").focus();
  });

  new MutationObserver(() => {
    if (!panel() || panel().dataset.set) return;
    panel().dataset.set = "yes";
    document.getElementById("ns-history-switch").checked = load(SWITCH) === true;
    draw();
  }).observe(document.documentElement, { childList: true, subtree: true });

  return own;
})();
