// The kiosk: screens, the conversation, and the way to the own phone. What a person says is held in memory alone.
"use strict";

const HEARTBEAT_S = 60;
const RETRY_S = 3;
const OFFLINE =
  "Kios ini sedang tanpa internet. Jawaban yang tersimpan tetap bisa dibaca. Untuk melapor perlu internet, atau telepon nomor darurat.";
const WITH_WRITING = ["tanya", "daftar", "simpanan", "bicara"];

const byId = (id) => document.getElementById(id);
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

let visit = null; // { id, lastId, ended }
let beginning = null; // the call that begins it
let here = "awal";
let isOffline = false;
let content = { versi: 0, topik: [], entri: {} };

/* Calls to Silvi. */

async function call(name, fields = {}, options = {}) {
  let response;
  try {
    response = await fetch(`/kios/${name}`, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: JSON.stringify(fields),
      credentials: "same-origin",
      cache: "no-store",
      ...options,
    });
  } catch (error) {
    if (error.name !== "AbortError") setOffline(true);
    throw error;
  }
  setOffline(false);
  // No kiosk of the office (any more): the page says so by itself.
  if (response.status === 403) location.replace("/kios");
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.judul), { answer, status: response.status });
  return answer;
}

function setOffline(isNow) {
  isOffline = isNow;
  tell(isNow ? OFFLINE : "");
}

function tell(text) {
  if (byId("kabar").textContent === text) return;
  byId("kabar").textContent = text;
  byId("kabar").hidden = !text;
}

async function beat() {
  try {
    const { versi } = await call("detak", { versi: content.versi });
    if (versi !== content.versi) await loadContent();
  } catch {
    // The next beat tries again; the notice stands already.
  }
}

async function loadContent() {
  const response = await fetch("/kios/isi.json", { credentials: "same-origin" });
  if (!response.ok) return;
  content = await response.json();
  search.load(content.kata);
  byId("topik").replaceChildren(...content.topik.map((topic) => choice(topic.nama, () => openTopic(topic))));
}

/* Screens. */

function show(name) {
  here = name;
  // Going back leads to the first screen, and never to what was there before the kiosk.
  if (name !== "awal" && !history.state) history.pushState("dalam", "");
  for (const section of document.querySelectorAll("#layar > section")) section.hidden = section.id !== name;
  byId("penulis").hidden = !WITH_WRITING.includes(name);
  byId("bawah").hidden = name === "awal";
  speech.stop();
  const heading = document.querySelector(`#${name} h2`);
  heading.focus({ preventScroll: true });
  if (name !== "bicara") byId("layar").scrollTop = 0;
}

function choice(label, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", onClick);
  return button;
}

function openList(title, entries) {
  const known = entries.filter((id) => content.entri[id]);
  byId("daftar").querySelector("h2").textContent = title;
  byId("daftar")
    .querySelector(".pilihan")
    .replaceChildren(...known.map((id) => choice(content.entri[id].judul, () => openEntry(id))));
  show("daftar");
}

function openTopic(topic) {
  openList(topic.nama, topic.isi);
}

function openEntry(id) {
  if (isOffline) openKept(id);
  else say({ tombol: `topik:${id}` }, content.entri[id].judul, () => openKept(id));
}

function openKept(id) {
  const { judul, html } = content.entri[id];
  byId("simpanan").querySelector("h2").textContent = judul;
  byId("simpanan").querySelector(".isi").innerHTML = html; // escaped by the server's template
  byId("simpanan").querySelector(".alat").replaceChildren(...tools(byId("simpanan"), id));
  show("simpanan");
}

function findOffline(text) {
  const hits = search.find(text);
  openList(hits.length ? "Jawaban tersimpan yang paling dekat" : "Belum ada jawaban tersimpan untuk itu", hits);
  const numbers = choice("Dalam bahaya? Lihat nomor darurat", () => show("nomor"));
  numbers.className = "genting";
  byId("daftar").querySelector(".pilihan").prepend(numbers);
}

const OPEN = {
  tanya: () => show("tanya"),
  cek: () => (isOffline ? findOffline("cek lowongan resmi calo") : say({ tombol: "menu:cek" }, "Cek tawaran kerja")),
  lapor: () => show(isOffline ? "nomor" : "lapor"),
  nomor: () => show("nomor"),
};

/* The conversation. */

async function ensureVisit() {
  if (visit) return visit;
  beginning ??= call("kunjungan");
  const mine = beginning;
  try {
    const { kunjungan } = await mine;
    // Wiped while it began: nobody is there, and the next person's visit ends this one.
    if (beginning !== mine) throw new DOMException("wiped", "AbortError");
    if (!visit) listen((visit = { id: kunjungan, lastId: 0, ended: new AbortController() }));
    return visit;
  } catch (error) {
    if (beginning === mine) beginning = null;
    throw error;
  }
}

function newNumber() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 20) * 2 ** 32 + low + 2;
}

async function say(fields, shownText, whenOffline = () => show("nomor")) {
  show("bicara");
  const own = showOwn(shownText);
  byId("mengetik").hidden = false;
  try {
    const { id, ended } = await ensureVisit();
    await call("pesan", { kunjungan: id, nomor: newNumber(), ...fields }, { signal: ended.signal });
  } catch (error) {
    byId("mengetik").hidden = true;
    if (error.status) showNote(`${error.answer.judul}. ${error.answer.pesan}`);
    else if (isOffline) {
      own.remove();
      whenOffline();
    }
  }
}

async function listen(mine) {
  while (visit === mine) {
    try {
      const fields = { kunjungan: mine.id, sejak: mine.lastId };
      const { pesan } = await call("balasan", fields, { signal: mine.ended.signal });
      if (visit === mine) pesan.forEach(showReply);
    } catch (error) {
      if (error.status === 401 && visit === mine) wipe("selesai");
      await pause(RETRY_S);
    }
  }
}

function showOwn(text) {
  const message = byId("ucapan").content.firstElementChild.cloneNode(true);
  message.querySelector(".apa-adanya").textContent = text;
  byId("obrolan").append(message);
  byId("layar").scrollTop = byId("layar").scrollHeight;
  return message;
}

function showReply(reply) {
  visit.lastId = Math.max(visit.lastId, reply.id);
  byId("mengetik").hidden = true;
  if (byId(`pesan-${reply.id}`)) return;
  if (reply.catatan !== undefined) {
    showNote(reply.catatan);
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = reply.html.trim();
  const message = holder.content.firstElementChild;
  const bar = document.createElement("div");
  bar.className = "alat";
  bar.append(...tools(message, message.dataset.entri));
  message.append(bar);
  const edited = reply.ganti && byId(`pesan-${reply.ganti}`);
  if (edited) {
    message.id = edited.id;
    message.dataset.id = reply.ganti;
    edited.replaceWith(message);
  } else {
    byId("obrolan").append(message);
  }
  byId("layar").scrollTop = message.offsetTop - byId("layar").offsetTop - 16;
}

function showNote(text) {
  byId("obrolan").querySelectorAll(".catatan").forEach((old) => old.remove());
  if (!text) return;
  const note = document.createElement("p");
  note.className = "catatan";
  note.textContent = text;
  byId("obrolan").append(note);
}

/* Reading aloud and printing. */

function tools(message, entry) {
  const found = [];
  if (speech.voiceFor(Boolean(entry))) {
    const text = () => message.querySelector(".isi").innerText;
    found.push(choice("Bacakan", () => speech.toggle(text(), Boolean(entry))));
  }
  if (content.entri[entry]) found.push(choice("Cetak", () => printAnswer(entry, message.querySelector(".isi"))));
  return found;
}

// What is read on the screen, and no page more: paper is dear in a village.
function printAnswer(id, shown) {
  const { judul, html } = content.entri[id];
  const today = new Date().toLocaleDateString("id-ID", { day: "numeric", month: "long", year: "numeric" });
  const heading = document.createElement("h1");
  heading.textContent = judul;
  const body = document.createElement("div");
  body.append(...shown.cloneNode(true).childNodes);
  body.querySelector(".judul")?.remove();
  if (!body.querySelector(".sumber")) {
    const whole = document.createElement("template");
    whole.innerHTML = html; // escaped by the server's template
    body.append(...whole.content.querySelectorAll(".sumber"));
  }
  const origin = document.createElement("p");
  origin.className = "asal";
  origin.textContent = `Silvi, BP3MI Kalimantan Barat. Dicetak ${today} di kios ${byId("cetak").dataset.kios}.`;
  byId("cetak").replaceChildren(heading, body, origin);
  window.print();
}

/* To the own phone, and the end. */

async function toPhone(wantsReport) {
  try {
    const { id, ended } = await ensureVisit();
    const fields = { kunjungan: id, ...(wantsReport ? { lapor: "1" } : {}) };
    const { tautan, sampai } = await call("hp", fields, { signal: ended.signal });
    byId("sampai").textContent = sampai;
    byId("kode").replaceChildren(...tautan.map(qrCode));
    show("hp");
  } catch {
    if (isOffline) show("nomor");
  }
}

function qrCode({ nama, svg }) {
  const figure = document.createElement("figure");
  figure.innerHTML = svg; // made by the server of an address of its own
  figure.querySelector("svg").setAttribute("role", "img");
  figure.querySelector("svg").setAttribute("aria-label", `Kode QR: ${nama}`);
  const caption = document.createElement("figcaption");
  caption.textContent = nama;
  figure.append(caption);
  return figure;
}

function wipe(reason) {
  const gone = visit;
  visit = beginning = null;
  if (gone) {
    gone.ended.abort();
    call("selesai", { kunjungan: gone.id, karena: reason }, { keepalive: true }).catch(() => {});
  }
  speech.stop();
  byId("penulis").reset();
  byId("mengetik").hidden = true;
  for (const id of ["obrolan", "kode", "sampai", "cetak"]) byId(id).replaceChildren();
  for (const part of document.querySelectorAll("#daftar h2, #daftar .pilihan, #simpanan h2, #simpanan .isi, #simpanan .alat")) {
    part.replaceChildren();
  }
  show("awal");
  idle.touch();
}

/* What is pressed. */

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { buka, lapor, petugas, tombol } = button.dataset;
  if (buka) OPEN[buka]();
  else if (lapor === "hp") toPhone(true);
  else if (lapor) say({ tombol: "menu:lapor" }, "Lapor masalah");
  else if (petugas !== undefined && isOffline) tell(OFFLINE);
  else if (petugas !== undefined) say({ tombol: "menu:petugas" }, button.textContent);
  else if (tombol) say({ tombol, pada: button.closest(".pesan").dataset.id }, button.textContent);
});

byId("penulis").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("teks").value.trim();
  if (!text) return;
  byId("teks").value = "";
  if (isOffline) findOffline(text);
  else say({ teks: text }, text, () => findOffline(text));
});

byId("teks").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("penulis").requestSubmit();
});

byId("kembali").addEventListener("click", () => show("awal"));
byId("ke-hp").addEventListener("click", () => toPhone(false));
byId("selesai").addEventListener("click", () => wipe("selesai"));

addEventListener("pointerup", () => {
  if (!document.fullscreenElement && matchMedia("(pointer: coarse)").matches) {
    document.documentElement.requestFullscreen?.().catch(() => {});
  }
});
addEventListener("popstate", () => show("awal"));
addEventListener("pagehide", () => wipe("selesai"));
addEventListener("offline", () => setOffline(true));
addEventListener("online", beat);
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("afterprint", () => byId("cetak").replaceChildren());

idle.watch({ isInUse: () => Boolean(visit) || here !== "awal" || Boolean(byId("teks").value), wipe });
speech.watch(() => {});
setInterval(beat, HEARTBEAT_S * 1000);
loadContent()
  .catch(() => setOffline(true))
  .then(beat);
navigator.serviceWorker?.register("/kios/pekerja.js", { scope: "/kios" });
