/* Getu 格图 · the bar's links: what does not fit is folded into a menu, on a phone all of them are. */
(function () {
  "use strict";
  const nav = document.querySelector("#nav");
  if (!nav) return;
  const more = nav.querySelector("details");
  const summary = more.querySelector("summary");
  const menu = more.querySelector(".nav-menu");
  const word = summary.querySelector("span");
  const links = [...nav.querySelectorAll("a")];
  const here = links.find((link) => link.hasAttribute("aria-current"));
  const narrow = window.matchMedia("(max-width: 860px)");

  /* The page one is on stays in the bar; before it the first ones that fit. */
  function choose(room) {
    const widths = new Map(links.map((link) => [link, link.getBoundingClientRect().width]));
    const total = links.reduce((sum, link) => sum + widths.get(link), 0);
    if (total <= room) return links;
    let left = room - summary.getBoundingClientRect().width - (here ? widths.get(here) : 0);
    let full = false;
    return links.filter((link) => {
      if (link === here) return true;
      full = full || (left -= widths.get(link)) < 0;
      return !full;
    });
  }

  function fold() {
    nav.removeAttribute("data-folded");
    for (const link of links) nav.insertBefore(link, more);
    more.hidden = false;
    word.textContent = narrow.matches && here ? here.textContent : more.dataset.word;
    const kept = narrow.matches ? [] : choose(Math.floor(nav.getBoundingClientRect().width));
    for (const link of links) if (!kept.includes(link)) menu.append(link);
    more.hidden = kept.length === links.length;
    nav.dataset.folded = "";
  }

  const shut = () => more.removeAttribute("open");
  document.addEventListener("pointerdown", (event) => more.contains(event.target) || shut());
  more.addEventListener("focusout", (event) => event.relatedTarget && !more.contains(event.relatedTarget) && shut());
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    event.stopPropagation();
    shut();
    summary.focus();
  });

  let width = 0;
  const look = () => {
    const now = document.documentElement.clientWidth;
    if (now !== width) fold();
    width = now;
  };
  new ResizeObserver(look).observe(document.documentElement);
  look();
  if (document.fonts) document.fonts.ready.then(fold);
})();
