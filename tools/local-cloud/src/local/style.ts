import { Html } from './html.ts';

export const STYLE = new Html(`
:root { --line: #8884; --soft: #8882; --muted: #767676; --bad: #b3261e; --link: #0b57d0 }
@media (prefers-color-scheme: dark) {
  :root { --muted: #9a9a9a; --bad: #ff8a80; --link: #8ab4f8 }
}
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem auto; padding: 0 1.5rem; max-width: 80rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem } h1 a { color: inherit; text-decoration: none }
a { color: var(--link) }
.wide { overflow-x: auto }
table { border-collapse: collapse }
th, td { padding: .3rem 1.6rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
th { font-weight: 600; color: var(--muted); white-space: nowrap }
.number { text-align: right; font-variant-numeric: tabular-nums }
td.number, .short { white-space: nowrap }
td.code, code, pre { font: 12px/1.5 ui-monospace, monospace }
pre { margin: 0; padding: .4rem .6rem; background: var(--soft); border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16rem; overflow-y: auto }
.muted { color: var(--muted) } .bad { color: var(--bad) }
form { display: inline } form.fields { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: end; margin: .6rem 0 }
label { display: grid; gap: .15rem; color: var(--muted); font-size: 12px }
input, select, button { font: inherit; font-size: 13px; padding: .15rem .5rem } label input { width: 9rem }
td form button { margin: 0 .2rem .2rem 0 }
.presets button { margin: 0 .3rem .3rem 0 }
`);
