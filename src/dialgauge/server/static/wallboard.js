// Loads the wallboard anew without a flash; without this file the page reloads itself.
const every = Number(document.body.dataset.every);

async function again() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (response.redirected || !response.ok) return void location.reload();
    const found = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
    document.getElementById("main").replaceWith(found);
  } catch {
    // The server or the network is away: the old numbers keep standing, with their moment.
  }
}
if (every) setInterval(again, every * 1000);
