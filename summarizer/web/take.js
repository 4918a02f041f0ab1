// What stands below a summary: copied here and now, or asked of the server and saved or opened when it comes.
const NewsTake = (() => {
  const take = { asked: "", copy, deliver, ask };

  // Without the clipboard, which a page has over HTTPS and on the own machine only, the old way still works.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelecting(text);
    }
  }

  function copyBySelecting(text) {
    const focused = document.activeElement;
    const box = document.createElement("textarea");
    box.value = text;
    box.setAttribute("aria-hidden", "true");
    box.style.position = "fixed";
    box.style.opacity = "0";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }

  function ask(form) {
    take.asked = form;
    document.getElementById("ns-give").click();
  }

  function deliver(json) {
    if (!json) return;
    const taken = JSON.parse(json);
    if (taken.form === "history") {
      NewsHistory.keep(taken);
      return;
    }
    const address = URL.createObjectURL(new Blob([taken.content], { type: taken.type }));
    // Where windows are blocked, the page is saved.
    if (taken.form !== "page" || !window.open(address)) save(address, taken.name);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  function save(address, name) {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
  }

  document.addEventListener("click", async (event) => {
    const tool = event.target instanceof Element ? event.target.closest("[data-take], [data-copy]") : null;
    if (!tool) return;
    if (tool.dataset.take) {
      ask(tool.dataset.take);
      return;
    }
    const done = await copy(tool.dataset.copy);
    tool.parentElement.querySelector("[role=status]").textContent = done ? tool.dataset.copied : tool.dataset.failed;
  });

  return take;
})();
