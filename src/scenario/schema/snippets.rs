//! What editors offer to write where nothing stands yet. `${1:text}` is a place that the cursor goes through.

use serde_json::{Value, json};

/// A whole scenario.
pub(super) fn scenario() -> Value {
    json!([{
        "label": "a scenario",
        "description": "One image to every other region.",
        "body": {
            "$schema": "./scenario.schema.json",
            "schema_version": 1,
            "description": "${1:When is the last region ready?}",
            "regions": { "${2:cn-hangzhou}": {}, "${3:us-east-1}": {} },
            "images": { "${4:web}": { "region": "${2:cn-hangzhou}", "size": "${5:40GiB}" } },
            "requests": [{ "copy": { "id": "${6:release}", "image": "${4:web}", "to": "${7:all-others}" } }],
        },
    }])
}

/// The kinds of requests.
pub(super) fn requests() -> Value {
    json!([
        {
            "label": "copy",
            "description": "CopyImage, for one or more images and destinations.",
            "body": { "copy": { "id": "${1:release}", "image": "${2:web}", "to": "${3:all-others}" } },
        },
        {
            "label": "cancel",
            "description": "CancelCopyImage, of one copy or of all copies of a request.",
            "body": { "cancel": { "at": "${1:20m}", "copy": "${2:release@us-east-1}" } },
        },
        {
            "label": "delete",
            "description": "DeleteImage, of one image or of the products of a request.",
            "body": { "delete": { "at": "${1:2h}", "image": "${2:web}" } },
        },
        {
            "label": "arrivals",
            "description": "A stream of CopyImage calls.",
            "body": {
                "arrivals": {
                    "id": "${1:builds}",
                    "process": { "periodic": { "every": "${2:10m}" } },
                    "until": "${3:11h}",
                    "copy": { "from": "${4:cn-hangzhou}", "size": "${5:20GiB}", "to": "${6:us-east-1}" },
                },
            },
        },
        {
            "label": "trace",
            "description": "CopyImage calls from the rows of a CSV file.",
            "body": { "trace": { "id": "${1:log}", "file": "${2:log.csv}", "copy": { "from": "${3:cn-hangzhou}" } } },
        },
    ])
}

/// A link.
pub(super) fn link() -> Value {
    json!([{
        "label": "a link",
        "description": "What holds from some regions to others.",
        "body": { "from": "${1:cn-*}", "to": "${2:us-*}", "copy_time": { "throughput": "${3:8MiB/s}" } },
    }])
}
