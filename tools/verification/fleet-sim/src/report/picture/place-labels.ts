export interface Point {
  x: number;
  y: number;
  text: string;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedLabel {
  /** Where the text begins, on its baseline. */
  x: number;
  y: number;
  /** Whether it stands so far from its point that a line has to lead there. */
  apart: boolean;
  box: Box;
}

const LETTER_WIDTH = 6.9;
const HEIGHT = 13;
const POINT_SIZE = 8;

/** Where a label is tried, in this order: beside its point, then around it ever farther away. */
const PLACES = [9, 18, 30, 44, 60, 78, 98, 120, 145, 170].flatMap((distance) =>
  Array.from({ length: 16 }, (_, turn) => ({
    distance,
    angle: (Math.PI / 8) * (turn % 2 === 0 ? turn / 2 : -(turn + 1) / 2),
  })),
);

/**
 * A place for the label of each point where it covers no point, no other label and nothing `taken`, inside `frame`.
 * Where there is none at all, it stands beside its point all the same.
 */
export function placeLabels(
  points: readonly Point[],
  frame: Box,
  taken: readonly Box[] = [],
): PlacedLabel[] {
  const occupied = [
    ...taken,
    ...points.map(({ x, y }) => ({
      x: x - POINT_SIZE / 2,
      y: y - POINT_SIZE / 2,
      width: POINT_SIZE,
      height: POINT_SIZE,
    })),
  ];
  return points.map((point) => {
    const labels = PLACES.map((place) => labelAt(point, place));
    const free = labels.find(
      ({ box }) => inside(box, frame) && !occupied.some((other) => overlap(box, other)),
    );
    const label = free ?? labelAt(point, { distance: 9, angle: 0 });
    occupied.push(label.box);
    return label;
  });
}

function labelAt(
  { x, y, text }: Point,
  { distance, angle }: { distance: number; angle: number },
): PlacedLabel {
  const width = text.length * LETTER_WIDTH;
  const atX = x + distance * Math.cos(angle);
  const atY = y + distance * Math.sin(angle);
  // To the left of its point a label ends there; straight above or below it is centred.
  const share = (1 - Math.cos(angle)) / 2;
  const box = { x: atX - share * width, y: atY - HEIGHT / 2, width, height: HEIGHT };
  return { x: box.x, y: box.y + 10, apart: distance > 18, box };
}

export const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

const inside = (box: Box, frame: Box): boolean =>
  box.x >= frame.x &&
  box.y >= frame.y &&
  box.x + box.width <= frame.x + frame.width &&
  box.y + box.height <= frame.y + frame.height;
