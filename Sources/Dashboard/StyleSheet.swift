/// The one style sheet: light, dark and print, from 320 px to 4K. Every pair of colours has a contrast
/// of 4.5 at the least.
enum StyleSheet {
  static let text = """
    :root{color-scheme:light dark;--bg:#fbfbf9;--fg:#1b1f24;--dim:#57606a;--line:#d4d7dc;--card:#fff;
    --good:#0b6e4f;--warn:#8a4b00;--bad:#b3261e;--quiet:#57606a;--pending:#1f5fa8;--a:#1f5fa8;
    --l1:#a3530a}
    @media (prefers-color-scheme:dark){:root{--bg:#12151a;--fg:#e6e8eb;--dim:#a3abb5;--line:#343a43;
    --card:#1a1e25;--good:#5fcf9f;--warn:#f0b057;--bad:#ff8a80;--quiet:#a3abb5;--pending:#8abaf0;
    --a:#8abaf0;--l1:#f0a35e}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif;
    font-variant-numeric:tabular-nums}
    a{color:var(--a)}a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible,
    [tabindex]:focus-visible{outline:3px solid var(--a);outline-offset:2px}
    .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
    header{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;padding:8px 16px;
    border-bottom:1px solid var(--line);background:var(--card)}
    .brand{font-weight:700;letter-spacing:.06em;color:var(--fg);text-decoration:none;
    padding:10px 0}.mode{color:var(--dim)}
    nav{display:flex;flex-wrap:wrap;gap:0 2px;width:100%}
    nav a{padding:10px 9px;min-height:44px;text-decoration:none;border-bottom:3px solid transparent}
    nav a[aria-current]{border-color:var(--a);color:var(--fg);font-weight:600}
    main,footer,.halt,.notice{max-width:1500px;margin:0 auto;padding:0 16px}
    h1{font-size:1.35rem;margin:16px 0 8px}h2,caption{font-size:1.02rem;font-weight:600}
    h2{margin:20px 0 6px}caption{text-align:left;padding:4px 0 6px}
    .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:0 0 14px}
    .facts div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 12px;
    min-width:0}dt{color:var(--dim);font-size:.86rem}dd{margin:0;font-size:1.12rem;overflow-wrap:anywhere}
    .st{white-space:nowrap;font-weight:600}.good{color:var(--good)}.warning{color:var(--warn)}
    .bad{color:var(--bad)}.quiet{color:var(--quiet)}.pending{color:var(--pending)}
    .dim{color:var(--dim)}.mono,pre{font-family:ui-monospace,monospace;font-size:.9rem}
    .wrap{overflow-wrap:anywhere}td .wrap{display:inline-block;min-width:14em}
    pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px;
    overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;max-height:70vh}
    .scroll{overflow-x:auto;margin:12px 0}
    table{border-collapse:collapse;width:100%;background:var(--card)}
    th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
    thead th{color:var(--dim);font-weight:600;font-size:.86rem;white-space:nowrap}
    tbody th{font-weight:600;min-width:6.5em;overflow-wrap:break-word}.n{text-align:right;white-space:nowrap}
    .grid{display:flex;flex-wrap:wrap;min-width:286px;gap:2px;list-style:none;margin:0;padding:0}
    .grid a,.cells span{display:inline-block;min-width:24px;height:24px;text-align:center;
    text-decoration:none;line-height:24px;border:1px solid var(--line);border-radius:4px}
    .cells{letter-spacing:2px;white-space:nowrap}
    .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:0 20px}
    .chart{margin:12px 0;background:var(--card);border:1px solid var(--line);border-radius:8px;
    padding:10px}.chart svg{width:100%;height:auto;max-height:60vh;display:block}
    figcaption{font-weight:600;display:flex;flex-wrap:wrap;gap:4px 16px}
    .legend{display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:0;padding:0;font-weight:400}
    svg text{font-size:11px;fill:var(--fg);paint-order:stroke;stroke:var(--card);stroke-width:3px}
    @media (min-width:1100px){main>.chart svg text{font-size:7px;stroke-width:2px}}
    .e{text-anchor:end}.gr{stroke:var(--line)}
    .l0,.l1{fill:none;stroke:var(--a);stroke-width:2;vector-effect:non-scaling-stroke}
    .l1{stroke:var(--l1);stroke-dasharray:6 4}.area{fill:var(--bad);opacity:.18}
    .k0::before{content:"━ ";color:var(--a)}.k1::before{content:"╍ ";color:var(--l1)}
    .up{stroke:var(--a);fill:var(--card)}.down{stroke:var(--l1);fill:var(--l1)}
    .buy{fill:var(--good);stroke:var(--card)}.sell{fill:var(--bad);stroke:var(--card)}
    .chart{position:relative}.cross{fill:none;stroke:var(--fg);stroke-dasharray:3 3;pointer-events:none;
    vector-effect:non-scaling-stroke}.read{position:absolute;left:10px;right:10px;bottom:2px;margin:0;
    background:var(--card);font-size:.86rem;text-align:center;pointer-events:none}
    dialog{background:var(--card);color:var(--fg);border:1px solid var(--dim);border-radius:8px;
    max-width:34rem}dialog ul{columns:2 12rem;padding:0;list-style:none}
    kbd{font-family:ui-monospace,monospace;border:1px solid var(--line);border-radius:4px;padding:1px 5px}
    .kb{color:var(--good)}.ks{color:var(--bad)}
    .bar{display:block;width:100%;height:14px}.bar rect{fill:var(--a)}.bar .bt{fill:var(--line)}
    .bar .over{fill:var(--bad)}.bar path{stroke:var(--fg);stroke-width:2}
    .halt{background:var(--card);border:2px solid var(--warn);padding:10px 16px;margin:10px auto;
    overflow-wrap:anywhere}
    .tabs{display:flex;flex-wrap:wrap;gap:6px}.tabs a,button,summary{min-height:44px;padding:10px 12px}
    summary{cursor:pointer}.tabs a[aria-current]{font-weight:700;text-decoration:none;color:var(--fg)}
    .person{margin-left:auto;color:var(--dim)}.act{display:flex;flex-wrap:wrap;gap:8px;
    align-items:center;margin:10px 0}
    footer{color:var(--dim);border-top:1px solid var(--line);margin-top:28px;padding-bottom:20px}
    input,button,select{font:inherit;padding:8px;border:1px solid var(--dim);border-radius:6px;
    background:var(--card);color:var(--fg)}.grey main{opacity:.72;filter:grayscale(1)}
    #stale{color:var(--bad);font-weight:600}
    @media (max-width:639px){main,footer,header{padding-left:10px;padding-right:10px}
    th,td{padding:6px 7px}
    nav{flex-wrap:nowrap;overflow-x:auto}.chart svg text{font-size:21px;stroke-width:5px}}
    @media (min-width:2400px){body{font-size:20px}main,footer,.halt,.notice{max-width:2300px}}
    @media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
    @media print{:root{color-scheme:light}nav,.skip,form,#stale{display:none}body{background:#fff}
    .scroll{overflow:visible}pre{max-height:none}details>*{display:block}}

    """
}
