// The camera on the page where a certificate is checked, and photographs read in the browser. Without JavaScript the
// page's forms do the same. Only the text of the code is sent; a picture only where no code was found in it here.
"use strict";
(() => {
  const place = document.getElementById("answer");
  const heading = document.querySelector("h1").textContent;
  const way = document.getElementById("camera");
  const part = (name) => way.querySelector(`[data-camera=${name}]`);
  const video = way.querySelector("video");
  const hints = document.getElementById("camera-hints").content;
  const fileForm = document.getElementById("file-form");
  const textForm = document.getElementById("text-form");
  const FORMATS = ["QRCode", "Aztec"];
  const PREFIX = "HC1:";
  // Longest sides on which a code is looked for: of what the camera sees, and of a photograph, in this order.
  const CAMERA_SIDE = 1280;
  const PHOTO_SIDES = [1600, 3200];
  const MOST_POINTS = 16e6; // of a canvas on a telephone
  const MOST_POINTS_TO_OPEN = 40e6; // as the server's, for kinds of pictures that small files may hold so many of
  const MOST_BYTES = 13e6; // of a file; the server takes a little more
  const PAUSE = 120; // milliseconds between two looks

  let stream = null;
  let cameras = [];
  let chosen = "";
  let isBusy = false; // starting, or waiting for an answer
  let hasStarted = false; // at least once
  let round = 0; // each start has a number, so that the looks of an earlier one end

  const say = (name) => {
    const found = name && hints.querySelector(`[data-hint=${name}]`);
    part("hint").textContent = found ? found.textContent : "";
  };

  // What concerns the answer is told where the answer comes.
  const tell = (name) => {
    const line = document.createElement("p");
    line.className = "crs-lead";
    line.tabIndex = -1;
    line.textContent = hints.querySelector(`[data-hint=${name}]`).textContent;
    place.replaceChildren(line);
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "center" });
  };

  // --- the reader of codes, loaded when it is first needed ---

  let loaded = null;
  const reader = () => {
    loaded ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = way.dataset.reader;
      script.onload = () => {
        const overrides = { locateFile: (path) => (path.endsWith(".wasm") ? way.dataset.wasm : path) };
        ZXingWASM.prepareZXingModule({ overrides, fireImmediately: true }).then(() => resolve(ZXingWASM), reject);
      };
      script.onerror = reject;
      document.head.append(script);
    }).catch((error) => {
      loaded = null;
      throw error;
    });
    return loaded;
  };

  const canvas = document.createElement("canvas");
  const pixels = (source, width, height, side) => {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#fff"; // under what is transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };
  const codes = async (image) => {
    const zxing = await reader();
    const found = await zxing.readBarcodes(image, { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 8 });
    return [...new Set(found.filter((code) => code.isValid).map((code) => code.text))];
  };

  // --- the answer ---

  const show = async (form, data) => {
    let response;
    try {
      response = await fetch(form.action, {
        method: "POST",
        body: data,
        headers: { "X-Fragment": "1" },
        cache: "no-store",
        redirect: "error",
      });
    } catch {
      return tell("offline");
    }
    if (response.headers.get("X-Fragment") !== "1") {
      // A page about the form itself, such as a password that is too long.
      if (form === fileForm && response.ok) return form.submit();
      return tell(response.status === 413 ? "large" : "offline");
    }
    place.innerHTML = await response.text();
    for (const old of document.querySelectorAll(".crs-errors, main > .crs-lead")) old.remove();
    // A file that was read and its password have served, and the next person may look at this screen.
    if (place.querySelector(".chk-person")) fileForm.reset();
    const sign = place.querySelector(".chk-sign");
    document.title = `${sign.querySelector("h2").textContent} – ${heading}`;
    sign.focus({ preventScroll: true });
    sign.scrollIntoView({ block: "start" });
  };
  const check = async (text) => {
    say("");
    tell("checking");
    const data = new FormData(textForm);
    data.set("text", text);
    await show(textForm, data);
  };
  const forgetAnswer = () => place.replaceChildren();

  // --- the camera ---

  const stop = () => {
    round += 1;
    for (const track of stream ? stream.getTracks() : []) track.stop();
    stream = null;
    video.srcObject = null;
    part("view").hidden = true;
    for (const name of ["stop", "other", "light"]) part(name).hidden = true;
    part("start").hidden = false;
  };

  const start = async () => {
    if (isBusy) return;
    isBusy = true;
    stop();
    forgetAnswer();
    const mine = round;
    say("starting");
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    const which = chosen ? { deviceId: { exact: chosen } } : { facingMode: { ideal: "environment" } };
    try {
      const got = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
      if (mine !== round) return got.getTracks().forEach((track) => track.stop()); // the page was left meanwhile
      stream = got;
      video.srcObject = stream;
      await Promise.all([video.play(), reader()]);
      const devices = await navigator.mediaDevices.enumerateDevices();
      if (mine !== round) return; // stopped meanwhile, and told so
      offer(devices);
    } catch (error) {
      if (mine !== round) return;
      stop();
      chosen = "";
      const known = { OverconstrainedError: "NotFoundError", AbortError: "NotReadableError", SecurityError: "NotAllowedError" };
      const name = known[error?.name] ?? error?.name;
      say(hints.querySelector(`[data-hint="${name}"]`) ? name : "failed");
      return;
    } finally {
      isBusy = false;
    }
    hasStarted = true;
    part("stop").focus({ preventScroll: true });
    say("aim");
    look(mine);
  };

  // What this camera can do besides, and whether there is another one: known only once it runs.
  const offer = (devices) => {
    part("start").hidden = true;
    part("view").hidden = false;
    part("stop").hidden = false;
    const track = stream.getVideoTracks()[0];
    track.addEventListener("ended", () => stream && stream.getVideoTracks()[0] === track && (stop(), say("failed")));
    part("light").hidden = !track.getCapabilities?.().torch;
    part("light").setAttribute("aria-pressed", "false");
    cameras = devices.filter((device) => device.kind === "videoinput");
    part("other").hidden = cameras.length < 2;
  };

  const look = async (mine) => {
    if (mine !== round) return;
    try {
      if (video.readyState >= video.HAVE_CURRENT_DATA && video.videoWidth) {
        const found = await codes(pixels(video, video.videoWidth, video.videoHeight, CAMERA_SIDE));
        if (mine !== round) return;
        const certificates = found.filter((text) => text.startsWith(PREFIX));
        if (certificates.length === 1) {
          stop();
          return check(certificates[0]);
        }
        if (found.length) say(certificates.length ? "several" : "another");
      }
    } catch {
      stop();
      return say("failed");
    }
    setTimeout(look, PAUSE, mine);
  };

  part("start").addEventListener("click", start);
  // Whoever checks one after another by camera goes on with one press.
  place.addEventListener("click", (event) => {
    if (!hasStarted || !event.target.closest("a[href='#ways']")) return;
    event.preventDefault();
    start();
    way.scrollIntoView({ block: "start" });
  });
  part("stop").addEventListener("click", () => {
    stop();
    say("");
    part("start").focus();
  });
  part("other").addEventListener("click", () => {
    const now = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const at = cameras.findIndex((camera) => camera.deviceId === now);
    chosen = cameras[(at + 1) % cameras.length].deviceId;
    start();
  });
  part("light").addEventListener("click", async () => {
    const button = part("light");
    const isOn = button.getAttribute("aria-pressed") !== "true";
    try {
      await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: isOn }] });
      button.setAttribute("aria-pressed", String(isOn));
    } catch {
      button.hidden = true;
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !stream) return;
    stop();
    say("hidden");
  });
  addEventListener("pagehide", stop);

  // A camera is asked for only when the button is pressed; the button is there where there may be one.
  const invite = async () => {
    if (!window.isSecureContext) {
      way.hidden = false;
      part("start").hidden = true;
      return say("insecure");
    }
    if (!navigator.mediaDevices?.getUserMedia) return;
    let hasCamera = true;
    try {
      hasCamera = (await navigator.mediaDevices.enumerateDevices()).some((device) => device.kind === "videoinput");
    } catch {
      // Then the button tells.
    }
    way.hidden = !hasCamera;
  };
  if (window.WebAssembly) invite();

  // --- a photograph ---

  const blob = () => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  // Of a PNG or a GIF, as it says itself before it is unfolded.
  const points = async (file) => {
    const head = new DataView(await file.slice(0, 24).arrayBuffer());
    if (head.byteLength < 24) return 0;
    if (head.getUint32(0) === 0x89504e47) return head.getUint32(16) * head.getUint32(20);
    return head.getUint32(0) === 0x47494638 ? head.getUint16(6, true) * head.getUint16(8, true) : 0;
  };
  const photograph = async (file) => {
    if ((await points(file)) > MOST_POINTS_TO_OPEN) return {}; // the server has words for it
    const bitmap = await createImageBitmap(file);
    try {
      const whole = Math.max(bitmap.width, bitmap.height) * Math.min(1, Math.sqrt(MOST_POINTS / (bitmap.width * bitmap.height)));
      for (const side of [...PHOTO_SIDES.filter((one) => one < whole), whole]) {
        const found = (await codes(pixels(bitmap, bitmap.width, bitmap.height, side))).filter((text) => text.startsWith(PREFIX));
        if (found.length === 1) return { text: found[0] };
        if (found.length) break;
      }
      if (file.size <= MOST_BYTES) return {};
      pixels(bitmap, bitmap.width, bitmap.height, PHOTO_SIDES.at(-1));
      return { smaller: await blob() };
    } finally {
      bitmap.close();
    }
  };

  fileForm.addEventListener("submit", async (event) => {
    const file = fileForm.elements.file.files[0];
    if (!file?.size || !window.WebAssembly) return; // the page says what is missing
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    stop();
    say("");
    tell("reading");
    const data = new FormData(fileForm);
    try {
      // What the browser cannot open goes to the server as it is, a PDF anyway.
      const found = file.type.startsWith("image/") ? await photograph(file).catch(() => ({})) : {};
      if (found.text) return await check(found.text);
      if (!found.smaller && file.size > MOST_BYTES) return tell("large");
      if (found.smaller) data.set("file", found.smaller, "photograph.jpg");
      await show(fileForm, data);
    } finally {
      isBusy = false;
      release(fileForm);
    }
  });
})();
