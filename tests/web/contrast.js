// The weakest contrast of visible text on the page (WCAG 2.1, relative luminance), and how many texts were looked at.
() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const backgroundOf = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [red, green, blue, alpha = 1] = channels(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const ratioOf = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const weakest = { ratio: 21, text: "", checked: 0 };
  const look = (color, element, text) => {
    const ratio = ratioOf(channels(color), backgroundOf(element));
    weakest.checked += 1;
    if (ratio < weakest.ratio) Object.assign(weakest, { ratio, text, color });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text && element.checkVisibility() && !element.closest("template")) look(getComputedStyle(element).color, element, text);
  }
  for (const field of document.querySelectorAll("textarea")) {
    look(getComputedStyle(field, "::placeholder").color, field, field.placeholder);
  }
  return weakest;
}
