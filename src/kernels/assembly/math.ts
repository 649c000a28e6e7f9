// The elementary functions of a float vector. Result and operand may be the same bytes.

export function sqrt_f(x: usize, r: usize, n: u32): void {
  const end = r + (n << 3);
  const wide = r + ((n & ~1) << 3);
  while (r < wide) {
    v128.store(r, f64x2.sqrt(v128.load(x)));
    x += 16;
    r += 16;
  }
  if (r < end) store<f64>(r, Math.sqrt(load<f64>(x)));
}
export function exp_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.exp(load<f64>(x)));
    x += 8;
  }
}
export function log_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.log(load<f64>(x)));
    x += 8;
  }
}
export function sin_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.sin(load<f64>(x)));
    x += 8;
  }
}
export function cos_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.cos(load<f64>(x)));
    x += 8;
  }
}
export function tan_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.tan(load<f64>(x)));
    x += 8;
  }
}
export function asin_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.asin(load<f64>(x)));
    x += 8;
  }
}
export function acos_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.acos(load<f64>(x)));
    x += 8;
  }
}
export function atan_f(x: usize, r: usize, n: u32): void {
  for (const end = r + (n << 3); r < end; r += 8) {
    store<f64>(r, Math.atan(load<f64>(x)));
    x += 8;
  }
}
