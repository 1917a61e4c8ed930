/// The page's style sheet.
///
/// Blue is always what was measured, gray always what chance gives.
/// The eight colors of runs are those of Okabe and Ito, which people with any common color blindness
/// tell apart, darkened or lightened for the ground they stand on.
let styleSheet = """
  \(colors)
  \(pageStyle)
  \(tableStyle)
  \(atomStyle)
  \(chartStyle)
  \(claimStyle)
  \(printStyle)
  """

private let colors = """
  :root{color-scheme:light dark;
  --ground:#fcfcfa;--panel:#f5f5f1;--ink:#1b1f23;--soft:#59636e;--hair:#dcdeda;--grid:#e9eae6;
  --measured:#0a63a8;--chance:#7b838b;--link:#8a939c;--shade:#00000026;
  --run-0:#0072b2;--run-1:#d55e00;--run-2:#008a64;--run-3:#b65c93;
  --run-4:#c98700;--run-5:#3a9ad9;--run-6:#4a4f55;--run-7:#9a8c00}
  @media screen and (prefers-color-scheme:dark){:root{
  --ground:#14171a;--panel:#1b1f23;--ink:#e3e6e8;--soft:#9aa4ad;--hair:#30363c;--grid:#23282d;
  --measured:#63b3f4;--chance:#8d969e;--link:#69737d;--shade:#ffffff2e;
  --run-0:#4aa3df;--run-1:#f0803a;--run-2:#2fbf95;--run-3:#dd93bf;
  --run-4:#ebb13e;--run-5:#8fd0f7;--run-6:#c3c8cd;--run-7:#e3d84f}}
  """

private let pageStyle = """
  *{box-sizing:border-box}
  html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
  body{margin:0 auto;max-width:74rem;padding:0 clamp(1rem,4vw,2.5rem) 4rem;
  background:var(--ground);color:var(--ink);font:400 1rem/1.55 system-ui,-apple-system,"Segoe UI",
  Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
  font-variant-numeric:tabular-nums lining-nums;overflow-wrap:break-word}
  p{margin:0 0 .75rem}
  h1,h2,h3{line-height:1.25;font-weight:600;margin:0;text-wrap:balance}
  h1{font-size:clamp(1.6rem,1.2rem + 2vw,2.3rem);font-weight:500;letter-spacing:-.015em;
  max-width:24em}
  h2{font-size:1.15rem;margin-bottom:.5rem}
  h3{font-size:.95rem}
  a{color:inherit;text-decoration:underline;text-decoration-color:var(--link);
  text-decoration-thickness:1px;text-underline-offset:.22em}
  a.term,a.figure,a.chance{text-decoration-style:dotted}
  a:hover{text-decoration-style:solid;text-decoration-color:var(--measured)}
  a:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--measured);
  outline-offset:2px}
  code{font:.85em/1 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;
  color:var(--soft)}
  var{font-style:italic;font-family:"Iowan Old Style",Charter,Georgia,"Liberation Serif",serif}
  .masthead{padding:2.5rem 0 1.5rem}
  .brand{color:var(--soft);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase;
  margin-bottom:.6rem}
  .lead{max-width:44rem;margin:.8rem 0 0;color:var(--soft)}
  .lead:first-of-type{margin-top:1rem}
  nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-top:1.4rem;font-size:.875rem}
  nav a{color:var(--soft);text-decoration:none;padding:.15rem 0}
  nav a:hover{color:var(--ink);text-decoration:underline}
  section{border-top:1px solid var(--hair);padding:1.8rem 0 2.2rem;scroll-margin-top:0}
  section>header p{color:var(--soft);font-size:.875rem;line-height:1.5;max-width:36rem}
  .body{min-width:0}
  .body>*+*{margin-top:1.5rem}
  section>header{margin-bottom:1.25rem}
  @media (min-width:62rem){section>header{margin:0}section{display:grid;grid-template-columns:12.5rem minmax(0,1fr);
  gap:3rem}}
  .ruler-key{display:block;margin-top:.3rem}
  .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
  gap:2rem 3rem}
  .tile h3 a{text-decoration:none}
  .tile h3{color:var(--soft);font-weight:500}
  .tile .value{font-size:1rem;margin:.15rem 0 .1rem;color:var(--soft)}
  .tile .value .figure{font-size:2.3rem;line-height:1.2;font-weight:500;letter-spacing:-.02em;
  color:var(--ink);text-decoration:none;margin-right:.25rem}
  .tile p:last-child{font-size:.9rem;margin:.5rem 0 0;max-width:32rem}
  .milestones{border-left:2px solid var(--measured);padding-left:1rem;font-size:.95rem;
  max-width:44rem}
  .milestones b{font-weight:600}
  .chance,.spread,.absent,small{color:var(--chance)}
  a.chance,span.chance,.absent{color:var(--soft)}
  .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));
  gap:0 2.5rem;font-size:.875rem}
  .facts dl{margin:.5rem 0 1.5rem}
  .facts dl div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.75rem;
  padding:.3rem 0;border-top:1px solid var(--grid)}
  .facts dt{color:var(--soft)}
  .facts dd{margin:0;overflow-wrap:anywhere}
  .scope{padding-left:0;margin:0;list-style:none;max-width:46rem}
  .scope li{margin-bottom:.8rem}
  .scope b{font-weight:600}
  details{font-size:.875rem}
  summary{cursor:pointer;color:var(--soft);width:max-content;max-width:100%}
  summary:hover{color:var(--ink)}
  details[open]>summary{margin-bottom:.75rem}
  .glossary{margin:0;display:grid;
  grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 3rem}
  .entry{padding:.9rem 0;border-top:1px solid var(--grid);font-size:.9rem;
  scroll-margin-top:1rem}
  .entry:target{background:var(--panel);box-shadow:0 0 0 .75rem var(--panel)}
  .entry dt{font-weight:600}
  .entry dt code{font-weight:400;margin-left:.25rem}
  .entry dd{margin:.25rem 0 0}
  .entry dd p{margin:0 0 .4rem}
  .formula{font-family:"Iowan Old Style",Charter,Georgia,"Liberation Serif",serif;font-size:1rem;
  padding:.15rem 0 .15rem 1rem}
  .formula sub,.formula sup{font-size:.7em;line-height:0}
  .is-not{color:var(--soft)}
  .is-not span{font-style:italic}
  .colophon{border-top:1px solid var(--hair);padding-top:1rem;color:var(--soft);
  font-size:.8rem}
  """

private let tableStyle = """
  .scroll{overflow-x:auto;background:
  linear-gradient(to right,var(--ground) 40%,transparent) left/2rem 100% no-repeat local,
  linear-gradient(to left,var(--ground) 40%,transparent) right/2rem 100% no-repeat local,
  linear-gradient(to right,var(--shade),transparent) left/.6rem 100% no-repeat scroll,
  linear-gradient(to left,var(--shade),transparent) right/.6rem 100% no-repeat scroll}
  table{border-collapse:collapse;font-size:.875rem;line-height:1.4;width:100%}
  .caption{font-size:.875rem;color:var(--soft);margin-bottom:.5rem}
  caption{text-align:left;padding-bottom:.5rem}
  th,td{padding:.35rem .5rem;text-align:right;white-space:nowrap;vertical-align:baseline}
  th:first-child,td:first-child{padding-left:0}
  th:last-child,td:last-child{padding-right:0}
  thead th{font-weight:500;color:var(--soft);border-bottom:1px solid var(--hair)}
  tbody tr+tr>*,tbody+tbody tr:first-child>*{border-top:1px solid var(--grid)}
  tfoot tr>*{border-top:1px solid var(--hair);font-weight:600}
  tfoot .chance,tfoot .spread{font-weight:400}
  .label,.text{text-align:left}
  th.label{font-weight:500}
  td.chance{color:var(--soft)}
  .spread{font-size:.85em}
  .latents{margin-top:0}
  .latents+.latents{margin-top:2rem}
  .latents caption{color:var(--ink);font-weight:600;font-size:.95rem}
  .latents .ruler-cell{width:40%;min-width:4.5rem;text-align:left}
  .latents .ruler{vertical-align:middle}
  .latents .detail td{white-space:normal;text-align:left;border-top:0;padding:0 0 .75rem}
  .latents .detail ul,.latents .detail ol{list-style:none;margin:.15rem 0 0;padding:0;display:flex;
  flex-wrap:wrap;gap:.15rem 1rem}
  .cosines{font-size:.8rem;color:var(--soft)}
  .cosines b{font-weight:400}
  .cosines .similarity{color:var(--ink)}
  .inputs{min-width:0}
  .inputs li{min-width:0;overflow-wrap:anywhere}
  .inputs .figure{color:var(--soft);font-size:.85em;text-decoration:none}
  @media (max-width:36rem){th,td{padding-left:.4rem;padding-right:.4rem}
  thead th{white-space:normal;vertical-align:bottom}
  .latents th,.latents td{padding-left:.3rem;padding-right:.3rem}
  .latents .cosines{gap:0 .7rem;font-size:.69rem}
  .latents small{display:none}
  .latents th:first-child{padding-left:0}.latents td:last-child{padding-right:0}}
  """

/// The table of atoms: rows are laid out as a column of boxes, because only boxes can be put in another order.
private let atomStyle = """
  .order{border:0;margin:0 0 .75rem;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;
  font-size:.875rem;color:var(--soft)}
  .order legend{float:left;padding:0;margin-right:1rem}
  .order input{margin:0 .35rem 0 0;vertical-align:-.1em;accent-color:var(--measured)}
  .order label:has(:checked){color:var(--ink)}
  .atom-table .scroll{max-height:34rem;overflow:auto}
  .atoms,.atoms thead{display:block}
  .atoms{min-width:53rem}
  .atoms thead{position:sticky;top:0;background:var(--ground)}
  .atoms tbody{display:flex;flex-direction:column}
  .atom-table:has(#atoms-reversed:checked) .atoms tbody{flex-direction:column-reverse}
  .atoms tr{display:grid;align-items:end;border-top:1px solid var(--grid);
  grid-template-columns:3.4rem 5rem 6.6rem 4.2rem 4.8rem 5.6rem 5.6rem 5.6rem 4.4rem minmax(7rem,1fr)}
  .atoms thead tr{border-width:0 0 1px;border-color:var(--hair)}
  .atoms thead tr>*,.atoms tbody tr>*{border:0}
  .atoms .text{overflow:hidden;text-overflow:ellipsis;padding-left:1rem}
  \(AtomOrder.style)
  """

private let chartStyle = """
  .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
  gap:1.75rem 2.5rem}
  figure{margin:0;min-width:0;display:flex;flex-direction:column}
  figcaption{font-weight:600;font-size:.95rem;margin-bottom:.35rem}
  .legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:0 0 .6rem;padding:0;list-style:none;
  font-size:.8rem;color:var(--soft)}
  .legend .key{margin-right:.4rem;vertical-align:-.05em}
  .key{vertical-align:-.1em}
  .y-title,.x-title{font-size:.75rem;color:var(--soft);margin:0;line-height:1.3}
  .y-title{margin-top:auto}
  .x-title{text-align:right;padding-right:.75rem}
  .plot{padding:.6rem .75rem 1.7rem 3.1rem}
  .plot>svg{display:block;width:100%;height:13.5rem}
  .body>figure>.plot>svg{height:17rem}
  svg,.plot svg{overflow:visible}
  .grid line{stroke:var(--grid);stroke-width:1;shape-rendering:crispEdges}
  .grid .tick line{stroke:var(--chance)}
  .grid .base{stroke:var(--chance)}
  .labels text,.pointer text{font-size:.75rem;fill:var(--soft)}
  .labels .x{text-anchor:middle}
  .labels .y{text-anchor:end}
  .pointer line{stroke:var(--chance);stroke-dasharray:2 3}
  .line{fill:none;stroke-width:1.5px;stroke-linejoin:round;stroke-linecap:round;
  vector-effect:non-scaling-stroke}
  .dots{fill:none;stroke-width:5px;stroke-linecap:round;vector-effect:non-scaling-stroke}
  .cloud{stroke-width:4px;stroke-opacity:.45}
  .area{stroke:none}
  .line.measured,.dots.measured{stroke:var(--measured)}
  .line.measured{stroke-width:2px}
  .line.chance{stroke:var(--chance);stroke-dasharray:5 4}
  .dots.chance{stroke:var(--chance)}
  .area.measured{fill:var(--measured);fill-opacity:.16}
  .area.chance{fill:var(--chance);fill-opacity:.3}
  .line[class*=run-]{stroke-opacity:.9;stroke-width:1.3px}
  \((0..<8).map { ".line.run-\($0){stroke:var(--run-\($0))}" }.joined())
  \((0..<8).map { ".dots.run-\($0){stroke:var(--run-\($0));stroke-opacity:.55}" }.joined())
  .line.again{stroke-dasharray:4 3}
  .ruler{display:block;width:100%;height:20px}
  .ruler .rail{stroke:var(--hair);stroke-width:1;shape-rendering:crispEdges}
  .ruler .line.chance,.key .line.chance[x1="3"]{stroke-width:3px;stroke-dasharray:none;
  stroke-linecap:butt}
  .dot{fill:var(--measured);fill-opacity:.75}
  """

/// Expectations beside what was measured, and rows of one measure each.
private let claimStyle = """
  .claims{list-style:none;margin:0;padding:0}
  .claims li{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr) 7.5rem;gap:.2rem 1.5rem;
  padding:.7rem 0;border-top:1px solid var(--grid);font-size:.9rem}
  .claims p{margin:0}
  .claims .source,.statement .source,.claims .number,.tracks .number{color:var(--soft);font-size:.8rem}
  .claims .verdict{text-align:right;font-weight:600}
  .claims .reproduced,.claims .proved,.claims .supported,td .proved,td .supported{color:var(--measured)}
  .claims .not-reproduced,.claims .refuted,.claims .contradicted,td .refuted,td .contradicted{color:var(--run-1)}
  .claims .inconclusive,.claims .not-run,.claims .not-applicable,td .inconclusive,td .not-applicable{color:var(--soft);font-weight:400}
  .certificate li>div{min-width:0}
  .certificate .facts{font-size:.8rem}
  .tracks ul{list-style:none;margin:0;padding:0}
  .tracks li{display:grid;grid-template-columns:minmax(0,8rem) minmax(3rem,1fr) 7.5rem;gap:.75rem;
  align-items:center;font-size:.85rem}
  .tracks .name{overflow-wrap:anywhere}
  .statement{max-width:46rem}
  .statement+.statement{border-top:1px solid var(--hair);padding-top:1.5rem}
  .statement h3{font-size:1.05rem;margin-bottom:.4rem}
  .statement figure{margin:1rem 0}
  .statement .facts dl{margin-bottom:.5rem}
  .statement .facts dl div{grid-template-columns:minmax(0,22rem) minmax(6rem,1fr)}
  @media (max-width:36rem){.claims li{grid-template-columns:minmax(0,1fr)}
  .claims .verdict{text-align:left}
  .tracks li{grid-template-columns:minmax(0,7rem) minmax(2rem,1fr) 7.5rem;gap:.5rem}}
  """

private let printStyle = """
  @page{margin:16mm}
  @media print{:root{--ground:#fff;color-scheme:light}
  html{font-size:12.5px}
  body{max-width:none;padding:0}
  .masthead{padding-top:0}
  nav{display:none}
  a{text-decoration:none}
  .scroll,.atom-table .scroll{overflow:visible;max-height:none}
  .order{display:none}
  figure,.tile,.tabular,tr,.entry,.latents tbody,.scope li,.facts>div{break-inside:avoid}
  h2,h3,caption{break-after:avoid}
  section{display:block;padding:1.2rem 0}
  section>header{break-after:avoid;break-inside:avoid}
  section>header p{break-after:avoid;break-inside:avoid}
  th,td{padding:.2rem .4rem}
  *{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
  """
