// Finds entries without a network, by the words that tell them apart. Weights come with the content.
"use strict";

const SHOWN_HITS = 5;
const LONG_ENOUGH_FOR_A_SLIP = 5;

const search = {
  byWord: new Map(),

  load(wordsByEntry) {
    this.byWord.clear();
    for (const [entry, words] of Object.entries(wordsByEntry)) {
      for (const [word, weight] of Object.entries(words)) {
        if (!this.byWord.has(word)) this.byWord.set(word, []);
        this.byWord.get(word).push([entry, weight]);
      }
    }
  },

  find(text) {
    const sums = new Map();
    for (const word of plain(text)) {
      const known = this.byWord.get(word) ?? this.byWord.get(this.nearest(word)) ?? [];
      for (const [entry, weight] of known) sums.set(entry, (sums.get(entry) ?? 0) + weight);
    }
    const ranked = [...sums].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
    return ranked.slice(0, SHOWN_HITS).map(([entry]) => entry);
  },

  // A known word that is one letter away: swapped, missing, too many or another.
  nearest(word) {
    if (word.length < LONG_ENOUGH_FOR_A_SLIP) return undefined;
    for (const known of this.byWord.keys()) {
      if (Math.abs(known.length - word.length) <= 1 && isOneSlip(word, known)) return known;
    }
    return undefined;
  },
};

// As knowledge/normalize.py: lower case, marks gone, letters repeated three times or more reduced.
function plain(text) {
  const words = text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\s'-]/gu, " ");
  return words.replace(/(\p{L})\1{2,}/gu, "$1").split(/\s+/).filter(Boolean);
}

function isOneSlip(one, other) {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const rest = one.slice(start);
  const otherRest = other.slice(start);
  const isSwapped = rest.length > 1 && rest[1] + rest[0] + rest.slice(2) === otherRest;
  return isSwapped || rest.slice(1) === otherRest.slice(1) || rest === otherRest.slice(1) || rest.slice(1) === otherRest;
}
