/** SVG source text. */
export type Svg = string;

type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly Svg[]): Svg {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escape(value)}"`)
    .join('');
  if (children.length === 0) return `<${name}${written}/>`;
  return `<${name}${written}>${children.join('')}</${name}>`;
}

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): Svg =>
  element('text', { x, y, ...attributes }, escape(content));

export const line = (
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  className: string,
): Svg => element('line', { x1, y1, x2, y2, class: className });

/** Colours for light and dark mode. */
const STYLE = `
svg{--ground:#fff;--ink:#1f2328;--soft:#59636e;--rule:#d8dee4;--other:#8c959f;--ours:#0b62d6;--fill:#8c959f;--warn:#bc4c00}
@media (prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#e6edf3;--soft:#9198a1;--rule:#30363d;--other:#7d8590;--ours:#58a6ff;--fill:#7d8590;--warn:#f0883e}}
text{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}
.ground{fill:var(--ground)}.title{font-size:14px;font-weight:600}.name{font-weight:600}.soft{fill:var(--soft);font-size:10px}
.ours{fill:var(--ours)}.rule{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.all{fill:var(--fill);fill-opacity:.3}.up{fill:var(--fill);fill-opacity:.75}.own .all,.own .up{fill:var(--ours)}
.backlog{fill:none;stroke:var(--warn);stroke-width:1.2;stroke-linejoin:round}
.target{stroke:var(--warn);stroke-width:1;stroke-dasharray:5 3}.bound{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.front{fill:none;stroke:var(--ours);stroke-opacity:.35;stroke-width:6;stroke-linejoin:round}.leader{stroke:var(--other);stroke-width:.7}
.point{fill:var(--other)}.point.own{fill:var(--ours)}.halo{paint-order:stroke;stroke:var(--ground);stroke-width:3px}
`.replaceAll('\n', '');

/** A complete SVG. @param label its text alternative */
export function chart(width: number, height: number, label: string, ...children: Svg[]): Svg {
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': label,
    },
    element('style', {}, STYLE),
    element('rect', { width, height, class: 'ground' }),
    ...children,
  );
  return `${svg}\n`;
}

/** Rounds to a tenth of a pixel. */
export const short = (value: number): string => String(Math.round(value * 10) / 10);

const escape = (content: string): string =>
  content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
