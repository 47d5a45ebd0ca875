import { init, type EChartsOption } from 'echarts';

/** GitHub shows the charts in light and in dark mode, so they have their own background. */
export const CHART_COLOURS = {
  ground: '#fff',
  ink: '#1f2328',
  ours: '#0b62d6',
  other: '#8c959f',
  backlog: '#bc4c00',
};
export const CHART_WIDTH = 860;

/** A chart as SVG. The same option always gives the same text. */
export function renderChart(height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: CHART_WIDTH, height });
  chart.setOption({ animation: false, backgroundColor: CHART_COLOURS.ground, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // Ids and hover styles contain numbers that grow with each chart of the process.
  const hover = /<style.*<\/style>|( class="zr\d+-cls-\d+")|( pointer-events="visible")/gs;
  return `${svg.replace(hover, '').replaceAll(/zr\d+-/g, 'zr-')}\n`;
}
