// The chat page. Everything here also works without this script, one page load per message.
"use strict";

const RETRY_S = [1, 2, 4, 8, 15];
const TRIES_WHEN_SILVI_FAILS = 3;
const TYPING_HINT_S = 20;
const POLL_S = 20;
const TOGETHER_S = 2;
const STREAM_FAILURES_BEFORE_POLLING = 3;

const screen = document.getElementById("layar");
const log = document.getElementById("obrolan");
const news = document.getElementById("kabar");
const typing = document.getElementById("mengetik");
const composer = document.getElementById("penulis");
const input = document.getElementById("teks");
const fileForm = document.getElementById("berkas");
const ownTemplate = document.getElementById("ucapan");

let lastId = Number(document.body.dataset.terakhir);
let typingTimer = 0;

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function newNumber() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 20) * 2 ** 32 + low + 2;
}

// The cookie of this chat has run out: ask for a new one, and where the browser refuses it, let the page say so.
function startAgain() {
  location.replace(location.search ? "/?mulai=1" : "/?lagi=1");
}

function tell(text) {
  news.textContent = text;
  news.hidden = !text;
}

function showTyping(isTyping) {
  clearTimeout(typingTimer);
  typing.hidden = !isTyping;
  if (isTyping) {
    typing.scrollIntoView({ block: "end" });
    typingTimer = setTimeout(() => showTyping(false), TYPING_HINT_S * 1000);
  }
}

function scrollToNewest() {
  screen.scrollTop = screen.scrollHeight;
}

// An answer is read from its beginning, so its top stays in sight; and when it comes in two messages (first aid, then
// details), the top of the first one.
let firstTogether = null;
let lastArrival = -Infinity;

function scrollToAnswer(message) {
  const isAlone = performance.now() - lastArrival > TOGETHER_S * 1000;
  lastArrival = performance.now();
  if (isAlone || !firstTogether || !firstTogether.isConnected) firstTogether = message;
  scrollToStartOf(firstTogether);
}

function scrollToStartOf(message) {
  const top = message.offsetTop - screen.offsetTop - 12;
  screen.scrollTop = Math.min(top, screen.scrollHeight);
}

/* What Silvi says. The markup comes from the server's template, which escapes every text. */

function showReply(reply) {
  lastId = Math.max(lastId, reply.id);
  if (document.getElementById(`pesan-${reply.id}`)) return;
  showTyping(false);
  if (reply.catatan !== undefined) {
    showNote(reply.catatan);
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = reply.html.trim();
  const message = holder.content.firstElementChild;
  const edited = reply.ganti && document.getElementById(`pesan-${reply.ganti}`);
  if (edited) {
    // Later buttons name the message they stand on, and that keeps its first id.
    message.id = edited.id;
    message.querySelectorAll("[name=pada]").forEach((field) => (field.value = reply.ganti));
    edited.replaceWith(message);
    scrollToStartOf(message);
  } else {
    log.append(message);
    scrollToAnswer(message);
  }
}

function showNote(text) {
  log.querySelectorAll(".catatan").forEach((old) => old.remove());
  if (!text) return;
  const note = document.createElement("p");
  note.className = "catatan";
  note.textContent = text;
  log.append(note);
  scrollToNewest();
}

/* What the person says: one message after the other, each with a number, so that a resend counts once. */

const outgoing = [];
let isSending = false;

function say(fields, shownText, file) {
  const item = { fields: { nomor: newNumber(), ...fields }, file, message: shownText ? showOwn(shownText) : null };
  outgoing.push(item);
  showTyping(true);
  sendWaiting();
}

function showOwn(text) {
  const message = ownTemplate.content.firstElementChild.cloneNode(true);
  message.querySelector(".apa-adanya").textContent = text;
  log.append(message);
  firstTogether = null;
  scrollToNewest();
  return message;
}

function setStatus(item, text) {
  const status = item.message && item.message.querySelector(".status");
  if (!status) return;
  status.textContent = text;
  status.hidden = !text;
}

async function sendWaiting() {
  if (isSending) return;
  isSending = true;
  while (outgoing.length) await send(outgoing.shift());
  isSending = false;
}

async function send(item) {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await post(item);
    if (outcome.ok) {
      setStatus(item, "");
      return;
    }
    if (outcome.refused) {
      refuse(item, outcome.refused);
      return;
    }
    if (outcome.failed && attempt + 1 >= TRIES_WHEN_SILVI_FAILS) {
      offerResend(item, outcome.failed);
      return;
    }
    setStatus(item, "Belum terkirim, dicoba lagi …");
    const waitS = RETRY_S[Math.min(attempt, RETRY_S.length - 1)];
    await Promise.race([pause(waitS), new Promise((resolve) => addEventListener("online", resolve, { once: true }))]);
  }
}

async function post(item) {
  let response;
  try {
    response = await fetch(item.file ? "/obrolan/berkas" : "/obrolan/pesan", {
      method: "POST",
      headers: { Accept: "application/json", ...(item.file ? {} : { "Content-Type": "application/json" }) },
      body: item.file ? formOf(item) : JSON.stringify(item.fields),
      credentials: "same-origin",
    });
  } catch {
    return { offline: true };
  }
  if (response.ok) return { ok: true };
  const answer = await response.json().catch(() => ({ pesan: "Maaf, ada gangguan.", nomor: "" }));
  return response.status >= 500 ? { failed: answer } : { refused: { status: response.status, ...answer } };
}

function formOf(item) {
  const form = new FormData();
  Object.entries(item.fields).forEach(([name, value]) => form.append(name, value));
  form.append("berkas", item.file);
  return form;
}

function refuse(item, answer) {
  showTyping(false);
  if (answer.status === 401) {
    startAgain();
    return;
  }
  if (item.message) item.message.remove();
  if (item.fields.teks && !input.value) {
    input.value = item.fields.teks;
    fitInput();
  }
  showNote(`${answer.judul}. ${answer.pesan}`);
}

function offerResend(item, answer) {
  showTyping(false);
  showNote([`${answer.pesan} (${answer.nomor})`, answer.darurat].filter(Boolean).join("\n"));
  if (!item.message) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Kirim ulang";
  button.addEventListener("click", () => {
    setStatus(item, "");
    showNote("");
    showTyping(true);
    outgoing.push(item);
    sendWaiting();
  });
  setStatus(item, "Gagal terkirim. ");
  item.message.querySelector(".status").append(button);
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  fitInput();
  input.focus();
  say({ teks: text }, text);
});

fileForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = fileForm.elements.berkas.files;
  if (!file) return;
  fileForm.reset();
  fileForm.closest("details").open = false;
  input.focus();
  say({}, `📎 ${file.name}`, file);
});

log.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (!button) return;
  button.classList.add("ditekan");
  button.disabled = true; // a double tap is one press
  setTimeout(() => (button.disabled = false), 1200);
  say({ tombol: button.value, pada: event.target.elements.pada.value }, button.textContent);
});

input.addEventListener("keydown", (event) => {
  const isPhone = matchMedia("(pointer: coarse)").matches;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !isPhone) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

function fitInput() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight + 3, 144)}px`;
}

input.addEventListener("input", fitInput);

document.querySelector(".baru").addEventListener("submit", (event) => {
  if (!confirm("Mulai obrolan baru? Obrolan ini tidak akan tampil lagi di layar ini.")) event.preventDefault();
});

/* How replies arrive: an event stream, and asking again and again where there is none. */

function tellDisconnected() {
  tell(navigator.onLine ? "Menyambung lagi …" : "Anda sedang luring. Pesan akan dikirim saat ada sinyal.");
}

function listen() {
  let failures = 0;
  const stream = new EventSource(`/obrolan/aliran?sejak=${lastId}`);
  stream.addEventListener("open", () => {
    failures = 0;
    tell("");
  });
  stream.addEventListener("balasan", (event) => showReply(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    failures += 1;
    tellDisconnected();
    if (failures >= STREAM_FAILURES_BEFORE_POLLING || stream.readyState === EventSource.CLOSED) {
      stream.close();
      poll();
    }
  });
}

async function poll() {
  for (let failures = 0; ; ) {
    try {
      const response = await fetch(`/obrolan/riwayat?sejak=${lastId}&tunggu=${POLL_S}`, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (response.status === 401) {
        startAgain();
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      (await response.json()).pesan.forEach(showReply);
      failures = 0;
      tell("");
    } catch {
      tellDisconnected();
      await pause(RETRY_S[Math.min(failures, RETRY_S.length - 1)]);
      failures += 1;
    }
  }
}

addEventListener("offline", tellDisconnected);
// The stream may have survived, and then nothing else takes the notice away; if not, its next error brings it back.
addEventListener("online", () => tell(""));

if (window.EventSource) listen();
else poll();

if (document.body.dataset.mulai) say({ perintah: "start", nomor: Number(document.body.dataset.mulai) }, "");
scrollToNewest();
