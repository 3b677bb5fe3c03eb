// Empties the screen when nobody touches it any more, after asking.
"use strict";

const WIPED_AFTER_S = 90;
const ASKED_AFTER_S = 70;

const idle = {
  dialog: document.getElementById("masih"),
  left: document.getElementById("hitung"),
  touchedAt: Date.now(),

  // `isInUse` says whether there is anything to empty; `wipe` empties it.
  watch({ isInUse, wipe }) {
    for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) {
      addEventListener(kind, (event) => this.dialog.contains(event.target) || this.touch(), { passive: true, capture: true });
    }
    document.getElementById("lanjut").addEventListener("click", () => this.touch());
    document.getElementById("sudah").addEventListener("click", () => wipe("selesai"));
    this.dialog.addEventListener("cancel", () => this.touch());
    setInterval(() => this.look(isInUse, wipe), 500);
    addEventListener("visibilitychange", () => this.look(isInUse, wipe));
  },

  touch() {
    this.touchedAt = Date.now();
    if (this.dialog.open) this.dialog.close();
  },

  look(isInUse, wipe) {
    // A clock that was set back must not keep the screen for hours.
    this.touchedAt = Math.min(this.touchedAt, Date.now());
    if (!isInUse()) {
      this.touch();
      return;
    }
    const silentS = (Date.now() - this.touchedAt) / 1000;
    if (silentS >= WIPED_AFTER_S) wipe("diam");
    else if (silentS >= ASKED_AFTER_S) this.ask(Math.ceil(WIPED_AFTER_S - silentS));
  },

  ask(leftS) {
    this.left.textContent = leftS;
    if (!this.dialog.open) this.dialog.showModal();
  },
};
