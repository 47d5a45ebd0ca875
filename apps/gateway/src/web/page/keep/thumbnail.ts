const [WIDTH, HEIGHT] = [320, 240];

/** A small version of an image. @returns undefined if this browser cannot show images of this type */
export async function makeThumbnail(file: Blob): Promise<Blob | undefined> {
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const scale = Math.max(WIDTH / image.width, HEIGHT / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const context = canvas.getContext('2d');
  // JPEG has no transparency.
  if (context) context.fillStyle = '#fff';
  context?.fillRect(0, 0, WIDTH, HEIGHT);
  context?.drawImage(image, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  image.close();
  return new Promise((resolve) =>
    canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.8),
  );
}
