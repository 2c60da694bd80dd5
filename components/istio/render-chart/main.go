// Render-chart prints what `helm template` would: a chart's manifests for a release, by Helm's own engine.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chartutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

type request struct {
	chart, values, version, name, namespace string
}

func main() {
	var r request
	flag.StringVar(&r.chart, "chart", "", "the chart's folder")
	flag.StringVar(&r.values, "values", "", "a YAML file of values")
	flag.StringVar(&r.version, "version", "", "the version to put for the placeholder that the chart carries")
	flag.StringVar(&r.name, "name", "", "the release's name")
	flag.StringVar(&r.namespace, "namespace", "", "the release's namespace")
	flag.Parse()
	if err := r.print(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (r request) print() error {
	if r.chart == "" || r.values == "" || r.name == "" || r.namespace == "" {
		return errors.New("-chart, -values, -name and -namespace are needed")
	}
	chart, err := loader.Load(r.chart)
	if err != nil {
		return err
	}
	if r.version != "" {
		chart.Metadata.Version, chart.Metadata.AppVersion = r.version, r.version
	}
	values, err := common.ReadValuesFile(r.values)
	if err != nil {
		return err
	}
	release := common.ReleaseOptions{Name: r.name, Namespace: r.namespace, Revision: 1, IsInstall: true}
	rendered, err := chartutil.ToRenderValues(chart, values, release, common.DefaultCapabilities.Copy())
	if err != nil {
		return err
	}
	files, err := engine.Render(chart, rendered)
	if err != nil {
		return err
	}
	for _, crd := range chart.CRDObjects() {
		fmt.Printf("---\n%s\n", crd.File.Data)
	}
	names := make([]string, 0, len(files))
	for name := range files {
		if base := path.Base(name); base != "NOTES.txt" && !strings.HasPrefix(base, "_") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		// Helm's own splitter: templates may begin a document in ways that YAML parsers do not accept.
		documents := releaseutil.SplitManifests(files[name])
		keys := make([]string, 0, len(documents))
		for key := range documents {
			keys = append(keys, key)
		}
		sort.Sort(releaseutil.BySplitManifestsOrder(keys))
		for _, key := range keys {
			fmt.Printf("---\n# Source: %s\n%s\n", name, documents[key])
		}
	}
	return nil
}
