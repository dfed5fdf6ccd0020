/** What a `User-Agent` says, for people. */
export interface Device {
  readonly browser: string
  readonly system: string
}

// In this order: most name others as well, to be served what those are served.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|OPT|OPiOS)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.* Safari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\b(Macintosh|Mac OS X|Darwin)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/**
 * The browser and the system of a `User-Agent`: the common ones, which is what a user needs to know a device again.
 * Undefined for everything else, programs above all; their own name is the best word for them.
 */
export function deviceOf(userAgent: string): Device | undefined {
  const [browser, system] = [firstOf(browsers, userAgent), firstOf(systems, userAgent)]
  return browser === undefined || system === undefined ? undefined : { browser, system }
}

/** The product that a program names first, as `curl` of `curl/8.5.0`; undefined for a browser that is not known. */
export function programOf(userAgent: string): string | undefined {
  const name = /^([\w .+-]{1,40})\/[\d.]/.exec(userAgent)?.[1]
  return name === 'Mozilla' ? undefined : name
}

function firstOf(list: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return list.find(([pattern]) => pattern.test(text))?.[1]
}
