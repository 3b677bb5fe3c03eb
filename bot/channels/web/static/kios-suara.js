// Reads aloud where the browser has an Indonesian voice.
"use strict";

const speech = {
  voices: [],

  watch(onChange) {
    if (!window.speechSynthesis) return;
    const look = () => {
      this.voices = speechSynthesis.getVoices().filter((voice) => /^id\b/i.test(voice.lang.replace("_", "-")));
      onChange();
    };
    speechSynthesis.addEventListener("voiceschanged", look);
    look();
  },

  // Some voices are spoken by a service far away: it may hear a published answer, but nothing of a person.
  voiceFor(isPublished) {
    return this.voices.find((voice) => voice.localService) ?? (isPublished ? this.voices[0] : undefined);
  },

  toggle(text, isPublished) {
    const isSpeaking = speechSynthesis.speaking;
    this.stop();
    const voice = this.voiceFor(isPublished);
    if (isSpeaking || !voice) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    speechSynthesis.speak(utterance);
  },

  stop() {
    if (window.speechSynthesis) speechSynthesis.cancel();
  },
};
