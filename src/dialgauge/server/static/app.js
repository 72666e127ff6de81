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
  const config = themes[dark() ? "dark" : "light"];
  for (const place of root.querySelectorAll(".chart")) {
    place.spec ??= JSON.parse(place.querySelector("script").textContent);
    place.view?.finalize();
    const options = { config, actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
    place.view = await vegaEmbed(place, place.spec, options);
    place.dataset.drawn = "";
  }
}

async function swap(address, remember = true) {
  swapping?.abort();
  swapping = new AbortController();
  document.body.classList.add("busy");
  try {
    const response = await fetch(address, { headers: { "X-Part": "main", Accept: "text/html" }, signal: swapping.signal });
    if (response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return void (location.href = address);
    const found = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
    const main = document.getElementById("main");
    const open = main.querySelector(".filters details[open]")?.dataset.name;
    const focus = document.activeElement?.name && [document.activeElement.name, document.activeElement.value];
    main.querySelectorAll(".chart").forEach((place) => place.view?.finalize());
    main.replaceWith(found);
    if (remember) history.pushState(null, "", address);
    document.title = `${found.dataset.title} · dialgauge`;
    if (open) found.querySelector(`.filters details[data-name="${CSS.escape(open)}"]`)?.setAttribute("open", "");
    const again = focus && [...found.querySelectorAll("input, select")].find((each) => each.name === focus[0] && (each.type !== "checkbox" || each.value === focus[1]));
    (again ?? found).focus({ preventScroll: true });
    for (const link of document.querySelectorAll(".nav li a")) link.search = new URL(found.dataset.shared ?? "", location).search;
    await draw(found);
  } catch (error) {
    if (error.name !== "AbortError") location.href = address;
  } finally {
    document.body.classList.remove("busy");
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

const swaps = (form) => form?.matches("form.filters, form.pick");
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
addEventListener("input", (event) => {
  if (!event.target.matches(".find")) return;
  const wanted = event.target.value.toLocaleLowerCase();
  for (const each of event.target.parentElement.querySelectorAll("label")) each.hidden = !each.textContent.toLocaleLowerCase().includes(wanted);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const open of document.querySelectorAll(".pop[open]")) { open.open = false; open.querySelector("summary").focus(); }
  if (event.target.matches("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "/") {
    const list = document.querySelector(".filters details.list");
    if (!list) return;
    event.preventDefault();
    list.open = true;
    (list.querySelector(".find, input") ?? list.querySelector("summary")).focus();
  }
});
addEventListener("popstate", () => swap(location.pathname + location.search, false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
if (document.readyState === "complete") draw();
else addEventListener("load", () => draw());
