// Length and reading level while typing. The limits come from the page; saving judges by the same rules without this script.
"use strict";

const form = document.querySelector("form[data-kalimat]");

function measure(text) {
  const read = text.replace(/\{[^{}\n]*\}/g, " ");
  const sentences = read
    .split("\n")
    .flatMap((line) => line.replace(/^\s*(?:\d+[.)]|-)\s+/, "").split(/(?<=[.?!:;])\s+/))
    .map((sentence) => sentence.trim().split(/\s+/).filter(Boolean))
    .filter((sentence) => sentence.some((word) => /\p{L}/u.test(word)));
  const lengths = sentences.map((sentence) => sentence.length);
  const words = read.match(/\p{L}+(?:['’-]\p{L}+)*/gu) || [];
  const heavy = words.filter((word) => (word.match(/[aeiou]+/gi) || []).length >= Number(form.dataset.suku));
  return {
    characters: text.trim().length,
    longest: Math.max(0, ...lengths),
    average: lengths.length ? lengths.reduce((sum, length) => sum + length, 0) / lengths.length : 0,
    heavy: words.length ? heavy.length / words.length : 0,
  };
}

function show(area) {
  const output = form.querySelector(`output[for="${area.id}"]`);
  const found = measure(area.value);
  const limits = form.dataset;
  const warnings = [];
  if (found.longest > Number(limits.kalimat)) warnings.push(`ada kalimat ${found.longest} kata, paling banyak ${limits.kalimat}`);
  if (found.average > Number(limits.rata)) warnings.push(`rata-rata ${found.average.toFixed(1)} kata, paling banyak ${limits.rata}`);
  if (found.heavy > Number(limits.berat)) warnings.push(`${Math.round(found.heavy * 100)}% kata panjang, sulit dibaca`);
  if (found.characters > Number(area.dataset.huruf)) warnings.push("terlalu panjang");
  output.textContent = [`${found.characters} dari ${area.dataset.huruf} huruf`, ...warnings].join(" · ");
  output.classList.toggle("lebih", warnings.length > 0);
}

for (const area of form.querySelectorAll("textarea[data-huruf]")) {
  let waiting;
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300, area);
  });
  show(area);
}
