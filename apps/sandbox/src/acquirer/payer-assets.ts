/** The payer's page's style: one column from 320 px on, a second for the code when it is wide. */
export const pageStyle = `
:root {
  --ground: #f2f5f3; --card: #fff; --ink: #14201a; --soft: #5d6b63; --line: #e3e9e5;
  --brand: #067a46; --brand-press: #056138; --good: #067a46; --warn: #a85a00; --off: #5d6b63;
  font-family: system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1512; --card: #18211c; --ink: #eaf1ed; --soft: #9dada4; --line: #2a362f;
    --brand: #0b8a50; --brand-press: #0a7444; --good: #47c98b; --warn: #f0a24a; --off: #9dada4;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column;
  background: var(--ground); color: var(--ink); line-height: 1.5;
}
header {
  display: flex; justify-content: space-between; align-items: center; gap: 12px;
  width: 100%; max-width: 760px; margin: 0 auto; padding: 16px;
}
header a { color: var(--soft); padding: 8px; margin: -8px; }
.brand { display: inline-flex; align-items: center; gap: 8px; font-weight: 600; }
.brand svg { width: 22px; height: 22px; color: var(--good); }
svg {
  fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round;
  stroke-linejoin: round;
}
main {
  flex: 1; width: 100%; max-width: 760px; margin: 0 auto; padding: 8px 16px 16px;
  display: flex; justify-content: center; align-items: flex-start; gap: 24px;
}
.card {
  flex: 1 1 0; min-width: 0; max-width: 440px; background: var(--card); border-radius: 16px;
  padding: 24px 20px; border: 1px solid var(--line); box-shadow: 0 8px 28px rgb(10 30 20 / 7%);
}
.status {
  display: flex; align-items: center; justify-content: center; gap: 8px; color: var(--off);
}
.status svg { width: 26px; height: 26px; flex: none; }
.card[data-state="waiting"] .status { color: var(--ink); }
.card[data-state="paid"] .status { color: var(--good); }
.card[data-state="declined"] .status { color: var(--warn); }
h1 { font-size: 1.1rem; margin: 0; font-weight: 600; }
.amount {
  margin: 12px 0 4px; text-align: center; font-size: clamp(1.4rem, 8vw, 2.6rem); font-weight: 700;
  font-variant-numeric: tabular-nums; letter-spacing: -.01em; overflow-wrap: anywhere;
}
.card[data-state="expired"] .amount, .card[data-state="closed"] .amount { color: var(--soft); }
.hint { margin: 0 0 20px; text-align: center; color: var(--soft); text-wrap: balance; }
dl { margin: 0 0 20px; border-top: 1px solid var(--line); }
dl div {
  display: flex; justify-content: space-between; gap: 16px; padding: 10px 0;
  border-bottom: 1px solid var(--line); font-size: .94rem;
}
dt { color: var(--soft); flex: none; }
dd { margin: 0; text-align: right; min-width: 0; overflow-wrap: anywhere; }
.actions { display: grid; gap: 10px; }
form { margin: 0; }
button, .button {
  display: block; width: 100%; min-height: 48px; padding: 12px 16px; border-radius: 12px; border: 0;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
}
.primary { background: var(--brand); color: #fff; }
.primary:hover, .primary:active { background: var(--brand-press); }
.secondary { background: transparent; color: var(--ink); border: 1px solid var(--line); }
.quiet { background: transparent; color: var(--soft); font-weight: 500; }
button:disabled { opacity: .6; cursor: progress; }
:focus-visible { outline: 3px solid #2f7de1; outline-offset: 2px; }
aside { display: none; }
footer { padding: 12px 16px 20px; text-align: center; color: var(--soft); font-size: .85rem; }
@media (min-width: 720px) {
  aside {
    display: block; flex: none; width: 200px; text-align: center; color: var(--soft);
    font-size: .9rem;
  }
  aside svg {
    display: block; width: 100%; height: auto; stroke: none; background: #fff; border-radius: 12px;
  }
}
`;

/**
 * Asks now and then whether the order's state changed elsewhere, and shows the new page then. A
 * pressed button is disabled, so that an impatient second press does nothing.
 */
export const pageScript = `
const { token, state } = document.body.dataset;
for (const form of document.forms) {
  form.addEventListener('submit', () => { form.querySelector('button').disabled = true; });
}
async function look() {
  try {
    const answer = await fetch('/pay/' + token + '/state', { cache: 'no-store' });
    if (answer.ok && (await answer.json()).state !== state) { location.reload(); return; }
  } catch { /* The sandbox is away for a moment: ask again. */ }
  setTimeout(look, 2000);
}
if (state === 'waiting' || state === 'declined') setTimeout(look, 2000);
`;
