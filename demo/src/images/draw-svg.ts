import type { Random } from '../chance/random.ts'

const CRUMBS = 90

/** A picture of something on a plate. Shapes only: text would look different with other fonts. */
export function drawSvg(random: Random, colour: string, size: number): string {
  const hue = random.below(360)
  const plate = `<circle cx="50" cy="52" r="${random.between(34, 42)}" fill="#fbfaf6" stroke="#d9d4c8" stroke-width="1.5"/>`
  const body = `<ellipse cx="50" cy="50" rx="${random.between(18, 30)}" ry="${random.between(10, 22)}" fill="${colour}"
    transform="rotate(${random.below(180)} 50 50)"/>`
  const crumbs = Array.from({ length: CRUMBS }, () => drawCrumb(random, hue))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100">
    <defs><linearGradient id="wood" x2="1" y2="1"><stop stop-color="hsl(${hue},30%,80%)"/>
    <stop offset="1" stop-color="hsl(${(hue + 40) % 360},35%,55%)"/></linearGradient></defs>
    <rect width="100" height="100" fill="url(#wood)"/>${plate}${body}${crumbs.join('')}</svg>`
}

function drawCrumb(random: Random, hue: number): string {
  const [x, y, r] = [random.between(5, 95), random.between(5, 95), random.between(2, 24) / 10]
  const fill = `hsl(${(hue + random.below(60)) % 360},${random.between(20, 70)}%,${random.between(25, 80)}%)`
  return `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" fill-opacity="0.${random.between(3, 9)}"/>`
}
