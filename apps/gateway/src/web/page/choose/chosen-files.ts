import { byId } from '../show/dom.ts';
import { filesOf } from './dropped.ts';

interface Chosen {
  onFiles: (files: readonly File[]) => void;
  onLink: () => void;
  onFailure: () => void;
}

const LEAVE_MS = 100;

/** Calls back with what is chosen, photographed, dropped or pasted. */
export function wireChoice({ onFiles, onLink, onFailure }: Chosen): void {
  const drop = byId<HTMLFormElement>('drop');
  drop.addEventListener('submit', (event) => event.preventDefault());
  for (const id of ['files', 'camera']) {
    const input = byId<HTMLInputElement>(id);
    const takeChosen = () => {
      const files = [...(input.files ?? [])];
      // The same file can be chosen again.
      input.value = '';
      if (files.length > 0) onFiles(files);
    };
    input.addEventListener('change', takeChosen);
    // Something may have been chosen before this script ran.
    takeChosen();
  }
  const camera = byId('camera').parentElement;
  if (camera) camera.hidden = !matchMedia('(pointer: coarse)').matches;

  const take = (data: DataTransfer) =>
    filesOf(data).then(({ files, isLink }) => {
      if (isLink) onLink();
      else if (files.length > 0) onFiles(files);
    }, onFailure);
  // Listens on the whole page, because an image dropped outside the box would replace the page.
  let leaving = 0;
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    clearTimeout(leaving);
    drop.classList.add('over');
  });
  document.addEventListener('dragleave', () => {
    leaving = window.setTimeout(() => drop.classList.remove('over'), LEAVE_MS);
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (event.dataTransfer) void take(event.dataTransfer);
  });
  document.addEventListener('paste', (event) => {
    if (event.clipboardData && event.clipboardData.files.length > 0) {
      event.preventDefault();
      void take(event.clipboardData);
    }
  });
}
