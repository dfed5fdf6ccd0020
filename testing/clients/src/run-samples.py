# The same for Python: one line of JSON in, one out.
import importlib.util, json, os, sys

os.environ['OAUTHLIB_INSECURE_TRANSPORT'] = '1'
spec = importlib.util.spec_from_file_location('sample', sys.argv[1])
sample = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sample)
for line in sys.stdin:
    message = json.loads(line)
    function = getattr(sample, message['call'])
    value = function(message['argument']) if 'argument' in message else function()
    print(json.dumps(value), flush=True)
