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
  /** The start of the text on its baseline. */
  x: number;
  y: number;
  /** True if the label is so far from its point that it needs a line to it. */
  apart: boolean;
  box: Box;
}

const LETTER_WIDTH = 6.9;
const HEIGHT = 13;
const POINT_SIZE = 8;

/** Candidate positions in order: next to the point, then around it at growing distances. */
const PLACES = [9, 18, 30, 44, 60, 78, 98, 120, 145, 170].flatMap((distance) =>
  Array.from({ length: 16 }, (_, turn) => ({
    distance,
    angle: (Math.PI / 8) * (turn % 2 === 0 ? turn / 2 : -(turn + 1) / 2),
  })),
);

/**
 * Places the label of each point inside `frame` so that it covers no point, no other label and nothing `taken`.
 * A label without such a position is placed next to its point.
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
  // A label left of its point is right-aligned; one straight above or below is centred.
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
