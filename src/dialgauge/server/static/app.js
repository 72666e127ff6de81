// What does a page do beyond what its HTML does? A filter swaps <main> in place, charts are drawn,
// keys help. Without this file every page works by links and forms.

const page = document.documentElement;
page.classList.add("js");
let swapping; // the request on its way, so that a newer one can overtake it

const themes = JSON.parse(document.getElementById("chart-themes")?.textContent ?? "null");
const dark = () =>
  page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

async function draw(root = document) {
  if (!themes || !window.vegaEmbed) return;
  const config = { ...themes[dark() ? "dark" : "light"], aria: false };
  for (const place of root.querySelectorAll(".chart")) {
    place.spec ??= JSON.parse(place.querySelector("script").textContent);
    place.view?.finalize();
    const options = { config, actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
    place.view = await vegaEmbed(place, place.spec, options);
    place.querySelector("svg")?.setAttribute("aria-hidden", "true"); // its place names it, the table behind it tells it
    place.dataset.drawn = "";
  }
}

async function swap(address, remember = true) {
  swapping?.abort();
  const mine = (swapping = new AbortController());
  document.body.classList.add("busy");
  const part = (name) => fetch(address, { headers: { "X-Part": name, Accept: "text/html" }, signal: mine.signal });
  const parsed = async (response) => new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
  let whole = false;
  try {
    // The main numbers are there before the slowest panel is; the server works them out once.
    part("first").then(parsed).then((found) => {
      const [now, before] = [found, document.getElementById("main")].map((main) => main?.querySelector(".kpis:first-child"));
      if (!whole && now && before) before.replaceWith(now);
    }, () => {});
    const response = await part("main");
    if (response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return void (location.href = address);
    const found = await parsed(response);
    if (mine !== swapping) return; // somebody clicked again meanwhile
    whole = true;
    const main = document.getElementById("main");
    const kept = [...main.querySelectorAll("details[data-name][open]")].map((each) => [each.dataset.name, each.querySelector(".find")?.value, each.querySelector(".options")?.scrollTop]);
    const focus = document.activeElement?.name && [document.activeElement.name, document.activeElement.value];
    main.querySelectorAll(".chart").forEach((place) => place.view?.finalize());
    main.replaceWith(found);
    if (remember) history.pushState(null, "", address);
    document.title = `${found.dataset.title} · dialgauge`;
    for (const [name, wanted, top] of kept) {
      const again = found.querySelector(`details[data-name="${CSS.escape(name)}"]`);
      if (!again) continue;
      again.open = true;
      if (wanted) narrow(Object.assign(again.querySelector(".find"), { value: wanted }));
      again.querySelector(".options")?.scrollTo(0, top);
    }
    const again = focus && [...found.querySelectorAll("input, select")].find((each) => each.name === focus[0] && (each.type !== "checkbox" || each.value === focus[1]));
    (again || found).focus({ preventScroll: true }); // a link has a name, which is empty
    for (const link of document.querySelectorAll(".nav li a")) link.search = found.dataset.shared ?? "";
    await draw(found);
  } catch (error) {
    // Charts of a page that another one has replaced cannot be drawn: nobody goes back there.
    if (mine === swapping && error.name !== "AbortError") location.href = address;
  } finally {
    if (mine === swapping) document.body.classList.remove("busy");
  }
}

function address(form) {
  const said = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...said]) if (!value) said.delete(name, value);
  if (said.get("versus") === "previous") said.delete("versus");
  if (said.has("from") || said.has("to")) said.delete("period");
  const query = said.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

const swaps = (form) => form?.matches("form.filters, form.pick, form.swap");
addEventListener("change", (event) => {
  const form = event.target.form;
  if (swaps(form) && !event.target.matches(".find") && form.reportValidity()) swap(address(form));
});
addEventListener("submit", (event) => {
  if (!swaps(event.target)) return;
  event.preventDefault();
  swap(address(event.target));
});
addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".pop[open]")) if (!open.contains(event.target)) open.open = false;
  const link = event.target.closest("main a[href]");
  const plain = !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.download || link.target || link.hreflang || link.origin !== location.origin) return;
  if (link.pathname !== location.pathname || link.hash || /[?&](theme|lang)=/.test(link.search)) return;
  event.preventDefault();
  swap(link.pathname + link.search);
});
function narrow(find) {
  const wanted = find.value.toLocaleLowerCase();
  for (const each of find.parentElement.querySelectorAll("label, .found")) each.hidden = !`${each.textContent} ${each.dataset.find ?? ""}`.toLocaleLowerCase().includes(wanted);
}
addEventListener("input", (event) => event.target.matches(".find") && narrow(event.target));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll(".pop[open]")) { open.open = false; open.querySelector("summary").focus(); }
  if (event.target.matches("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "?") document.getElementById("help")?.showModal();
  const cell = event.target.closest(".table th, .table td");
  if (event.key === "c" && cell) copy(written(cell));
  if (event.key.startsWith("Arrow") && step(event.target.closest(".scroll"), cell, event.key)) event.preventDefault();
  if (event.key === "/") {
    const list = document.querySelector(".filters details.list");
    if (!list) return;
    event.preventDefault();
    list.open = true;
    (list.querySelector(".find, input") ?? list.querySelector("summary")).focus();
  }
});
// A table is walked by arrows: what a cell leads to gets the focus, else the cell itself.
function step(scroll, cell, key) {
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key];
  const rows = [...(scroll?.querySelector(".table")?.rows ?? [])];
  const row = cell ? rows.indexOf(cell.parentElement) + down : rows.findIndex((each) => each.closest("tbody"));
  const next = rows[row]?.cells[cell ? cell.cellIndex + right : 0];
  if (!next) return Boolean(cell);
  const goal = next.querySelector("a, button, summary") ?? next;
  if (goal === next) next.tabIndex = -1;
  goal.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

// What stands in a cell, without what is said only to ears and without how it changed. A text that
// a spreadsheet would take for a formula is marked as text.
function written(cell) {
  const plain = cell.cloneNode(true);
  for (const each of plain.querySelectorAll(".sr, .turn, .part, svg")) each.remove();
  const text = plain.textContent.trim().replace(/\s+/g, " ");
  return /^[=+@-]/.test(text) && !/^[-+]?[\d.,\s]+\S{0,3}$/.test(text) ? `'${text}` : text;
}
async function copy(text) {
  const told = document.getElementById("help")?.dataset ?? {};
  const status = document.getElementById("status");
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = told.copied;
  } catch {
    status.textContent = told.failed;
  }
  status.classList.add("toast");
  setTimeout(() => status.classList.remove("toast"), 1600);
}
addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-open]");
  if (!button) return;
  if (button.dataset.open) return void document.getElementById(button.dataset.open)?.showModal();
  const place = document.getElementById(button.dataset.of);
  const rows = [...(place?.querySelector("table")?.rows ?? [])];
  const link = new URL(`#${place?.id ?? ""}`, location);
  copy({ link: link.href, text: place?.textContent, table: rows.map((row) => [...row.cells].map(written).join("\t")).join("\n") }[button.dataset.copy]);
  button.closest("details.pop")?.removeAttribute("open");
});
addEventListener("popstate", () => swap(location.pathname + location.search, false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
if (document.readyState === "complete") draw();
else addEventListener("load", () => draw());
