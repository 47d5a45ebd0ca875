import { percent, type Evaluation } from './format.ts';
import { precisionTable } from './precision-table.ts';

const BEGIN = '<!-- npm run model:evaluate -- --save writes from here -->';
const END = '<!-- to here -->';

/** Puts the section on unknown images into a model card, in place of an earlier one. */
export function withUnknownSection(card: string, evaluation: Evaluation): string {
  const section = `${BEGIN}\n${unknownSection(evaluation)}\n${END}`;
  const [begin, end] = [card.indexOf(BEGIN), card.indexOf(END)];
  return begin === -1 || end < begin
    ? `${card.trimEnd()}\n\n${section}\n`
    : card.slice(0, begin) + section + card.slice(end + END.length);
}

function unknownSection({ calibration, others, images }: Evaluation): string {
  const header = [
    ...['`minPrecision`', 'lowest score', 'get a label', 'of these right'],
    ...(others === undefined
      ? []
      : ['other images that get a label', `right with ${whole(others.share)} other images`]),
  ];
  const rows = precisionTable(calibration, others).map((row) => [
    row.minPrecision.toFixed(2),
    row.score?.toFixed(2) ?? 'none',
    percent(row.labeled),
    ...[
      row.precision,
      ...(others === undefined ? [] : [row.othersLabeled, row.precisionWithOthers]),
    ].map((share) => (share === undefined ? '' : percent(share))),
  ]);
  const table = [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const promise = `Measured on ${images} held-out images of the model's classes. From its lowest score on, each row has the demanded precision with a confidence of ${whole(calibration.confidence)}; that holds for images like these only.`;
  const known =
    others === undefined
      ? 'How many images of other things get a label was not measured.'
      : `${others.images} images of other things were tried. The probability that an image of the model's classes has a higher score than one of them (AUROC) is ${others.auroc.toFixed(3)}.`;
  return `## Unknown\n\n${promise}\n\n${known}\n\n${table}\n`;
}

const whole = (share: number) => `${Math.round(100 * share)} %`;
