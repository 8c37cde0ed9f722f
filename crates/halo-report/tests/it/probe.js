// Put into a copy of the page by the tests: tells the page around it what became of it.
const wrong = [];
addEventListener("securitypolicyviolation", (event) => wrong.push(`${event.violatedDirective}: ${event.blockedURI}`));
addEventListener("error", (event) => wrong.push(event.message || `cannot load ${event.target.tagName}`), true);
addEventListener("load", () => {
  const box = (element) => element.getBoundingClientRect();
  const seen = (element) => element.getClientRects().length > 0;
  const tooWide = [...document.querySelectorAll("body *")]
    .filter((element) => seen(element) && !element.closest(".scroll > *") && box(element).right > innerWidth + 0.5)
    .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
  const figures = [...document.querySelectorAll("figure")].map((figure) => {
    const svg = figure.querySelector("svg");
    const frame = box(svg);
    const texts = [...svg.querySelectorAll("text")].map((text) => ({ words: text.textContent.trim(), at: box(text) }));
    const cut = texts.filter(({ at }) => at.left < frame.left - 1 || at.right > frame.right + 1 || at.bottom > frame.bottom + 1 || at.top < frame.top - 1);
    const touching = texts.flatMap((one, index) => texts.slice(index + 1)
      .filter((other) => one.at.left < other.at.right - 1 && other.at.left < one.at.right - 1
        && one.at.top < other.at.bottom - 2 && other.at.top < one.at.bottom - 2)
      .map((other) => `${one.words} / ${other.words}`));
    const scale = frame.width / svg.viewBox.baseVal.width;
    const letters = [...svg.querySelectorAll("text")].map((text) => parseFloat(getComputedStyle(text).fontSize) * scale);
    return {
      id: figure.id,
      marks: svg.querySelectorAll("rect, polyline, polygon, circle, path").length,
      rows: figure.querySelectorAll("details tbody tr").length,
      alt: figure.querySelector("[role=img]").getAttribute("aria-label"),
      smallest: Math.min(...letters),
      cut: cut.map(({ words }) => words),
      touching,
    };
  });
  const requests = performance.getEntriesByType("resource").map((entry) => entry.name);
  setTimeout(() => {
    const found = { wrong, requests, tooWide, figures, width: innerWidth, pageWidth: document.documentElement.scrollWidth };
    parent.postMessage(encodeURIComponent(JSON.stringify(found)), "*");
  }, 500);
});
