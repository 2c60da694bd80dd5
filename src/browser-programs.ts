import { findProgram } from './find-program.ts';

/** The programs that a look with a browser takes, by their files. */
export interface BrowserPrograms {
  /** Chromium or a browser made of it. */
  readonly browser: string;
  /** NSS's certutil(1), which makes the certificate store that the browser trusts. */
  readonly certutil: string;
}

/** By which names Chromium goes; Debian's and Ubuntu's packages first. */
const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Finds a browser and certutil, or says in one sentence what is missing and what to install. */
export async function findBrowserPrograms(find = findProgram): Promise<BrowserPrograms | string> {
  let browser: string | null = null;
  for (const name of browserNames) browser ??= await find(name);
  const certutil = await find('certutil');
  if (browser !== null && certutil !== null) return { browser, certutil };
  const missing = [
    ...(browser === null ? [{ program: 'a browser (chromium or google-chrome)', debianPackage: 'chromium' }] : []),
    ...(certutil === null ? [{ program: 'certutil', debianPackage: 'libnss3-tools' }] : []),
  ];
  const programs = missing.map(({ program }) => program).join(' and ');
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  return `This machine lacks ${programs}. Install with 'apt-get install ${packages}' on Debian.`;
}
