import * as z from 'zod';

import { notServed } from '../../api-error.ts';
import { tagKey, tagList } from '../launches/template-data.ts';
import { action, type ActionContext } from './action.ts';

const resources = z.array(z.string());

export const tagActions = [
  action('CreateTags', { ResourceId: resources, Tag: tagList }, (parameters, context) => {
    const tagged = parameters.ResourceId.map((id) => find(id, context)); // all or none
    for (const { tags, changed } of tagged) {
      for (const { Key, Value } of parameters.Tag) tags[Key] = Value;
      changed();
    }
    return { return: true };
  }),

  action(
    'DeleteTags',
    {
      ResourceId: resources,
      Tag: z.array(z.strictObject({ Key: tagKey, Value: z.string().optional() })).optional(),
    },
    (parameters, context) => {
      const tagged = parameters.ResourceId.map((id) => find(id, context));
      for (const { tags, changed } of tagged) {
        const wanted =
          parameters.Tag ??
          Object.keys(tags)
            .filter((key) => !key.startsWith('aws:'))
            .map((Key) => ({ Key, Value: undefined }));
        for (const { Key, Value } of wanted) {
          if (Value === undefined || tags[Key] === Value) delete tags[Key];
        }
        changed();
      }
      return { return: true };
    },
  ),
];

interface Tagged {
  readonly tags: Record<string, string>;
  /** Must be called after a change of the tags. */
  readonly changed: () => void;
}

function find(id: string, { instances, templates }: ActionContext): Tagged {
  if (id.startsWith('i-')) {
    const instance = instances.get(id);
    return { tags: instance.tags, changed: () => instances.changed(instance) };
  }
  if (id.startsWith('lt-')) {
    const template = templates.find({ LaunchTemplateId: id });
    return { tags: template.tags, changed: () => templates.changed(template) };
  }
  throw notServed(`Tags of ${id}: only instances and launch templates have them`);
}
