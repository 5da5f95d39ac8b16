/** Five bells on a beam, big to small; the second one rings. */
export function Belfry() {
  return (
    <svg viewBox="0 0 400 180" className="belfry" aria-hidden="true">
      <path d="M10 26h380" className="belfry__beam" />
      <path d="M10 38h380" className="belfry__beam belfry__beam--thin" />
      {bells.map(({ x, scale }, i) => (
        <g key={x} transform={`translate(${x} 38) scale(${scale})`}>
          <g className={`belfry__bell belfry__bell--${i + 1}`}>
            <path d="M0 0v12" className="belfry__rope" />
            <path
              d="M0 12c15 3 24 15 26 32l4 34c1 7 3 10 8 15h-76c5-5 7-8 8-15l4-34c2-17 11-29 26-32Z"
              className="belfry__body"
            />
            <path d="M-33 80h66" className="belfry__band" />
            <circle cy="101" r="9" className="belfry__clapper" />
          </g>
        </g>
      ))}
    </svg>
  );
}

const bells = [
  { x: 62, scale: 1.18 },
  { x: 152, scale: 0.98 },
  { x: 228, scale: 0.8 },
  { x: 292, scale: 0.66 },
  { x: 347, scale: 0.54 },
];
