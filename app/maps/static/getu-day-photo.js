/* Getu 格图 · a photograph is made smaller on the phone before it waits or travels; drawn anew, it carries no place. */
(function () {
  "use strict";
  const LONGEST_PX = 1600;
  const LARGEST_BYTES = 40 * 1024 * 1024;

  function load(file) {
    const address = URL.createObjectURL(file);
    const image = new Image();
    return new Promise((done, fail) => {
      image.onload = () => done(image);
      image.onerror = () => fail(new Error("photo_broken"));
      image.src = address;
    }).finally(() => setTimeout(() => URL.revokeObjectURL(address), 1000));
  }
  /* A JPEG of at most 1600 px; throws an Error whose message is the key of its words. */
  Getu.shrinkPhoto = async function (file) {
    if (file.size > LARGEST_BYTES) throw new Error("photo_large");
    const image = await load(file);
    const scale = Math.min(1, LONGEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    if (!blob) throw new Error("photo_broken");
    return blob;
  };
})();
